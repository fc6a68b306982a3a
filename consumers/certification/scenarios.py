"""The scenarios of a certification run, and the score of a whole run: a table and pure functions over it."""

from __future__ import annotations

from dataclasses import dataclass

from consumers.certification import receiving_rules as receiving
from consumers.certification import saying_rules as saying
from consumers.certification.scenario import Finding, Part, Scenario, State, Words
from consumers.certification.watched import Watched

_S, _R, _W = Part.SAYING, Part.READING, Part.WEBHOOK

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "single",
        _S,
        Words("单件报送", "One event"),
        Words("报送一件事件。", "Say one event."),
        Words(
            "按 docs/gateway.md 向 POST /v1/events 报送一件事件。",
            "Say one event by POST /v1/events (docs/gateway.md).",
        ),
        saying.single,
    ),
    Scenario(
        "batch",
        _S,
        Words("批量报送", "A list of events"),
        Words("一次报送两件以上。", "Say two events or more in one request."),
        Words("以列表形式报送，并逐条核对结果。", "Send a list, and look at the result of each item."),
        saying.batch,
    ),
    Scenario(
        "retry",
        _S,
        Words("未取得回执时以同一标识重报", "Repeat under the same id without a receipt"),
        Words("继续报送：总线会扣住一次回执。", "Go on saying events: one receipt will be withheld."),
        Words(
            "标识须先由本系统生成并保存；没有回执时以同一标识、同一内容重报。",
            "Make and keep the id before sending; without a receipt send the same id and content again.",
        ),
        saying.retry,
    ),
    Scenario(
        "patience",
        _S,
        Words("遵守 Retry-After", "Honour Retry-After"),
        Words("继续报送：总线会有一次要求稍后再报。", "Go on saying events: one will be answered by 429."),
        Words(
            "收到429或503，等待 Retry-After 所示秒数后原样重报。",
            "On 429 or 503 wait for Retry-After, then send the same again.",
        ),
        saying.patience,
    ),
    Scenario(
        "conflict",
        _S,
        Words("理解“标识已用于其他内容”", "Understand a conflict"),
        Words(
            "改动已报送事件的内容，仍用原标识报送。",
            "Change an event that was said and send it under the same id.",
        ),
        Words(
            "收到409 conflict 不得原样重报：另用新标识，原事件以 case.corrected 更正。",
            "On 409 conflict do not repeat: use a new id, and case.corrected for the event that was wrong.",
        ),
        saying.conflict,
    ),
    Scenario(
        "wrong-speaker",
        _S,
        Words("理解“无权报送”", "Understand a refusal of the speaker"),
        Words("报送一件本单位无权报送的事件。", "Say an event that is not yours to say."),
        Words(
            "收到422 wrong-speaker 应停止重报，并提示经办人。",
            "On 422 wrong-speaker stop, and tell the person in charge.",
        ),
        saying.wrong_speaker,
    ),
    Scenario(
        "mended",
        _S,
        Words("改正被拒内容后重报", "Mend what was refused"),
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
    Scenario(
        "late",
        _S,
        Words("补报", "A late report"),
        Words("报送一件一天前或更早发生的事件。", "Say an event that happened a day ago or earlier."),
        Words(
            "time 是事情发生的时间，不是报送时间。",
            "`time` is when it happened, and not when it is reported.",
        ),
        saying.late,
    ),
    Scenario(
        "correction",
        _S,
        Words("更正", "A correction"),
        Words(
            "以 case.corrected 更正一件已报送的事件。", "Correct an event that was said by case.corrected."
        ),
        Words("regarding_id 填原事件的标识。", "`regarding_id` is the id of the event that was wrong."),
        saying.correction,
    ),
    Scenario(
        "documents",
        _S,
        Words("上传文书", "A document"),
        Words("上传一份文书，并在事件中引用。", "Send a document, and name it in an event."),
        Words(
            "先以内容的 SHA-256 上传文书，再报送引用它的事件。",
            "Send the document by its SHA-256 first, then the event that names it.",
        ),
        saying.documents,
    ),
    Scenario(
        "cursor",
        _R,
        Words("接续读取", "Go on reading"),
        Words("读取推送，再从上次位置继续读取。", "Read the feed, then go on where you were."),
        Words(
            "保存答复中的 next，下次以 after=next 读取。",
            "Keep `next` of each page, and read with after=next.",
        ),
        receiving.cursor,
    ),
    Scenario(
        "acknowledgement",
        _R,
        Words("确认", "Acknowledge"),
        Words("妥善保存后确认到最后一件。", "Acknowledge up to the last entry when it is safe."),
        Words(
            "只确认已保存的编号，直至最后一件。",
            "Acknowledge what is stored and no more, up to the last entry.",
        ),
        receiving.acknowledgement,
    ),
    Scenario(
        "repeats",
        _R,
        Words("容忍重复送达", "Tolerate repeats"),
        Words("继续读取：总线会有一次重复送达。", "Go on reading: entries will be delivered twice once."),
        Words("按编号去重，从最大编号继续。", "Drop numbers that you have, and go on behind the highest."),
        receiving.repeats,
    ),
    Scenario(
        "handshake",
        _W,
        Words("接收地址握手", "Handshake of a webhook"),
        Words("登记接收地址。", "Register a webhook."),
        Words(
            "对 linkage.handshake 以2xx回答同一 challenge。",
            "Answer linkage.handshake by 2xx and the same challenge.",
        ),
        receiving.handshake,
    ),
    Scenario(
        "signatures",
        _W,
        Words("验证签名", "Check signatures"),
        Words("等待：总线会送来真伪各件。", "Wait: genuine and forged deliveries will come."),
        Words(
            "用 Standard Webhooks 库验证签名和时间，不符的一律拒绝。",
            "Check signature and time with a Standard Webhooks library, and refuse what does not pass.",
        ),
        receiving.signatures,
    ),
    Scenario(
        "repeated-webhook",
        _W,
        Words("容忍重复推送", "Tolerate a repeated delivery"),
        Words("等待：同一件会送来两次。", "Wait: one delivery will come twice."),
        Words("webhook-id 相同的，第二次也回答2xx。", "Answer 2xx to a webhook-id that you have, too."),
        receiving.repeated_webhook,
    ),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A scenario with what was found."""

    scenario: Scenario
    finding: Finding


@dataclass(frozen=True, slots=True)
class Score:
    """How many of the scenarios that count were passed."""

    passed: int
    counted: int

    @property
    def certified(self) -> bool:
        """All of them."""
        return self.passed == self.counted

    @property
    def percent(self) -> int:
        """Rounded down, so that only a whole is 100."""
        return self.passed * 100 // self.counted


def judge(seen: Watched) -> tuple[Judged, ...]:
    """Every scenario with what was found. Of the ways of receiving those that are not used do not count."""
    unused = _unused(seen)
    return tuple(
        Judged(one, Finding(State.NOT_USED) if one.part in unused else one.judge(seen)) for one in SCENARIOS
    )


def score(judged: tuple[Judged, ...]) -> Score:
    """The score of a run."""
    counted = [one for one in judged if one.finding.state is not State.NOT_USED]
    return Score(sum(one.finding.state is State.PASSED for one in counted), len(counted))


def mend_of(one: Judged) -> Words | None:
    """What is to be done; None if nothing is."""
    if one.finding.state in (State.PASSED, State.NOT_USED):
        return None
    return one.finding.mend or one.scenario.mend


def _unused(seen: Watched) -> frozenset[Part]:
    webhook = bool(seen.replies) or any(one.done for _, one in seen.asking("POST", "/v1/webhooks"))
    reading = any(one.done for _, one in seen.asking("GET", "/v1/feeds/me"))
    if not webhook:
        return frozenset({Part.WEBHOOK})
    return frozenset() if reading else frozenset({Part.READING})
