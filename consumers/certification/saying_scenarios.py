"""The scenarios of saying, over each transport: a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from consumers.certification import saying_rules as saying
from consumers.certification import timing_rules as timing
from consumers.certification.scenario import Asked, Finding, Part, Scenario, Unasked, Words
from consumers.certification.watched import Transport, Watched


def _both(ask: Words, mend: Words, judge: Callable[[Watched], Finding]) -> Mapping[Transport, Asked]:
    """Asked in the same way whatever the events travel over."""
    return dict.fromkeys(Transport, Asked(ask, mend, judge))


SAYING: tuple[Scenario, ...] = (
    Scenario(
        "single",
        Part.SAYING,
        Words("单件报送", "One event"),
        {
            Transport.HTTP: Asked(
                Words("报送一件事件。", "Say one event."),
                Words(
                    "按 docs/gateway.md 向 POST /v1/events 报送一件事件。",
                    "Say one event by POST /v1/events (docs/gateway.md).",
                ),
                saying.single,
            ),
            Transport.KAFKA: Asked(
                Words("报送一件事件。", "Say one event."),
                Words(
                    "按 docs/joining.md 向本单位的接入主题写入一条记录。",
                    "Write one record to your ingress topic (docs/joining.md).",
                ),
                saying.single,
            ),
        },
    ),
    Scenario(
        "batch",
        Part.SAYING,
        Words("批量报送", "A list of events"),
        {
            Transport.HTTP: Asked(
                Words("一次报送两件以上。", "Say two events or more in one request."),
                Words(
                    "以列表形式报送，并逐条核对结果。", "Send a list, and look at the result of each item."
                ),
                saying.batch,
            ),
            Transport.KAFKA: Unasked(
                Words(
                    "Kafka没有列表：每条记录各有回执",
                    "Kafka knows no lists: every record has a receipt of its own",
                )
            ),
        },
    ),
    Scenario(
        "retry",
        Part.SAYING,
        Words("未取得回执时以同一标识重报", "Repeat under the same id without a receipt"),
        {
            Transport.HTTP: Asked(
                Words("继续报送：总线会扣住一次回执。", "Go on saying events: one receipt will be withheld."),
                Words(
                    "标识须先由本系统生成并保存；没有回执时以同一标识、同一内容重报。",
                    "Make and keep the id before sending; without a "
                    "receipt send the same id and content again.",
                ),
                saying.retry,
            ),
            Transport.KAFKA: Asked(
                Words(
                    "在写入之后、记下结果之前停止程序，再启动；或原样重发一件。",
                    "Stop the program between sending and noting it, and start it; or send an event again.",
                ),
                Words(
                    "标识须先由本系统生成并保存；不知是否写入时以同一标识、同一内容重发。",
                    "Make and keep the id before sending; if you do not know whether it "
                    "was written, send the same id and content again.",
                ),
                saying.said_again,
            ),
        },
    ),
    Scenario(
        "patience",
        Part.SAYING,
        Words("遵守 Retry-After", "Honour Retry-After"),
        {
            Transport.HTTP: Asked(
                Words(
                    "继续报送：总线会有一次要求稍后再报。",
                    "Go on saying events: one will be answered by 429.",
                ),
                Words(
                    "收到429或503，等待 Retry-After 所示秒数后原样重报。",
                    "On 429 or 503 wait for Retry-After, then send the same again.",
                ),
                saying.patience,
            ),
            Transport.KAFKA: Unasked(
                Words(
                    "由代理自行限速，客户端自动等待，看不出",
                    "a broker slows its clients down by itself: nothing is to be seen of it",
                )
            ),
        },
    ),
    Scenario(
        "conflict",
        Part.SAYING,
        Words("理解“标识已用于其他内容”", "Understand a conflict"),
        {
            Transport.HTTP: Asked(
                Words(
                    "改动已报送事件的内容，仍用原标识报送。",
                    "Change an event that was said and send it under the same id.",
                ),
                Words(
                    "收到409 conflict 不得原样重报：另用新标识，原事件以 case.corrected 更正。",
                    "On 409 conflict do not repeat: use a new id, and "
                    "case.corrected for the event that was wrong.",
                ),
                saying.conflict,
            ),
            Transport.KAFKA: Asked(
                Words(
                    "改动已报送事件的内容，仍用原标识报送。",
                    "Change an event that was said and send it under the same id.",
                ),
                Words(
                    "发现隔离原因 identity-conflict（GET /v1/events/…）不得原样重发："
                    "另用新标识，原事件以 case.corrected 更正。",
                    "When it was set aside as identity-conflict (GET /v1/events/…) do not repeat it: use "
                    "a new id, and case.corrected for the event that was wrong.",
                ),
                saying.conflict,
            ),
        },
    ),
    Scenario(
        "wrong-speaker",
        Part.SAYING,
        Words("理解“无权报送”", "Understand a refusal of the speaker"),
        {
            Transport.HTTP: Asked(
                Words("报送一件本单位无权报送的事件。", "Say an event that is not yours to say."),
                Words(
                    "收到422 wrong-speaker 应停止重报，并提示经办人。",
                    "On 422 wrong-speaker stop, and tell the person in charge.",
                ),
                saying.wrong_speaker,
            ),
            Transport.KAFKA: Asked(
                Words(
                    "写入一件本单位无权报送、或所涉案件与本单位无关的事件，再继续报送。",
                    "Say an event that is not yours to say, or of a case that is none of yours; then go on.",
                ),
                Words(
                    "没有回执可看：核对 GET /v1/events/…，被拒绝或搁置的停止重发，并提示经办人。",
                    "No receipt tells it: look at GET /v1/events/…, do not repeat what was "
                    "refused or parked, and tell the person in charge.",
                ),
                saying.wrong_speaker,
            ),
        },
    ),
    Scenario(
        "mended",
        Part.SAYING,
        Words("改正被拒内容后重报", "Mend what was refused"),
        {
            Transport.HTTP: Asked(
                Words(
                    "报送一件内容有误的事件，改正后以同一标识重报。",
                    "Say an event with a wrong value, then mend it under the same id.",
                ),
                Words(
                    "按答复 errors 所指字段改正后重报，不得原样重报。",
                    "Mend the fields that `errors` names; do not repeat it as it was.",
                ),
                saying.mended,
            ),
            Transport.KAFKA: Asked(
                Words(
                    "报送一件内容有误的事件，改正后以同一标识重报。",
                    "Say an event with a wrong value, then mend it under the same id.",
                ),
                Words(
                    "没有回执可看：核对 GET /v1/events/…，按 reason 和 detail 改正后以同一标识重发，不得原样重发。",
                    "No receipt tells it: look at GET /v1/events/…, mend what reason and detail "
                    "name under the same id; do not repeat it as it was.",
                ),
                saying.mended,
            ),
        },
    ),
    Scenario(
        "late",
        Part.SAYING,
        Words("补报", "A late report"),
        _both(
            Words("报送一件一天前或更早发生的事件。", "Say an event that happened a day ago or earlier."),
            Words(
                "time 是事情发生的时间，不是报送时间。",
                "`time` is when it happened, and not when it is reported.",
            ),
            timing.late,
        ),
    ),
    Scenario(
        "correction",
        Part.SAYING,
        Words("更正", "A correction"),
        _both(
            Words(
                "以 case.corrected 更正一件已报送的事件。",
                "Correct an event that was said by case.corrected.",
            ),
            Words("regarding_id 填原事件的标识。", "`regarding_id` is the id of the event that was wrong."),
            saying.correction,
        ),
    ),
    Scenario(
        "documents",
        Part.SAYING,
        Words("上传文书", "A document"),
        _both(
            Words("上传一份文书，并在事件中引用。", "Send a document, and name it in an event."),
            Words(
                "先以内容的 SHA-256 上传文书，再报送引用它的事件。",
                "Send the document by its SHA-256 first, then the event that names it.",
            ),
            saying.documents,
        ),
    ),
    Scenario(
        "order",
        Part.SAYING,
        Words("案内顺序", "Order within a case"),
        _both(
            Words("同一案件依次报送三件以上。", "Say three events or more of one case, one after the other."),
            Words(
                "同一案件的事件按发生顺序逐件报送，前一件有回执后再报下一件。",
                "Say the events of a case in the order in which they "
                "happened, each when the one before has its receipt.",
            ),
            timing.order,
        ),
    ),
    Scenario(
        "clock",
        Part.SAYING,
        Words("时钟", "The clock"),
        _both(
            Words("报送时填写事情发生的时间。", "Say events with the time at which they happen."),
            Words(
                "与标准时间同步系统时钟（NTP），并写明时区。",
                "Keep the system clock by NTP, and write the time zone.",
            ),
            timing.clock,
        ),
    ),
)
