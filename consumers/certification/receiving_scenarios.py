"""The scenarios of receiving, by asking, by webhook and from the feed topic: a table."""

from __future__ import annotations

from consumers.certification import group_rules as group
from consumers.certification import receiving_rules as receiving
from consumers.certification.scenario import Asked, Part, Scenario, Unasked, Words
from consumers.certification.watched import Transport

RECEIVING: tuple[Scenario, ...] = (
    Scenario(
        "cursor",
        Part.READING,
        Words("接续读取", "Go on reading"),
        {
            Transport.HTTP: Asked(
                Words("读取推送，再从上次位置继续读取。", "Read the feed, then go on where you were."),
                Words(
                    "保存答复中的 next，下次以 after=next 读取。",
                    "Keep `next` of each page, and read with after=next.",
                ),
                receiving.cursor,
            ),
            Transport.KAFKA: Asked(
                Words("读取本单位推送主题，并提交位置。", "Read your feed topic and commit how far you are."),
                Words(
                    "处理之后提交位置，下次从已提交处继续，不得退回。",
                    "Commit the offset when entries are handled, go on from there, and never set it back.",
                ),
                group.cursor,
            ),
        },
    ),
    Scenario(
        "acknowledgement",
        Part.READING,
        Words("确认", "Acknowledge"),
        {
            Transport.HTTP: Asked(
                Words("妥善保存后确认到最后一件。", "Acknowledge up to the last entry when it is safe."),
                Words(
                    "只确认已保存的编号，直至最后一件。",
                    "Acknowledge what is stored and no more, up to the last entry.",
                ),
                receiving.acknowledgement,
            ),
            Transport.KAFKA: Asked(
                Words(
                    "妥善保存后可经 POST /v1/feeds/me/ack 确认。",
                    "Acknowledge by POST /v1/feeds/me/ack if you acknowledge at all.",
                ),
                Words(
                    "只确认已保存的编号，直至最后一件。",
                    "Acknowledge what is stored and no more, up to the last entry.",
                ),
                group.acknowledgement,
            ),
        },
    ),
    Scenario(
        "repeats",
        Part.READING,
        Words("容忍重复送达", "Tolerate repeats"),
        {
            Transport.HTTP: Asked(
                Words(
                    "继续读取：总线会有一次重复送达。", "Go on reading: entries will be delivered twice once."
                ),
                Words(
                    "按编号去重，从最大编号继续。",
                    "Drop numbers that you have, and go on behind the highest.",
                ),
                receiving.repeats,
            ),
            Transport.KAFKA: Asked(
                Words("继续读取：会有一件重复写入主题。", "Go on reading: one entry will be written again."),
                Words(
                    "按 linkage-seq 去重，越过重复继续。",
                    "Drop numbers (linkage-seq) that you have, and go on behind them.",
                ),
                group.repeats,
            ),
        },
    ),
    Scenario(
        "group",
        Part.READING,
        Words("消费组名称", "The name of the group"),
        {
            Transport.HTTP: Unasked(Words("HTTPS没有消费组", "HTTPS knows no consumer groups")),
            Transport.KAFKA: Asked(
                Words("以本单位的消费组读取。", "Read in a consumer group of your own."),
                Words(
                    "组名以“单位代码.”开头：正式环境只授予这些名称。",
                    "Begin the name with your code and a dot: elsewhere no other name is allowed.",
                ),
                group.own_group,
            ),
        },
    ),
    Scenario(
        "end",
        Part.READING,
        Words("读到末尾", "To the end"),
        {
            Transport.HTTP: Unasked(Words("经HTTPS读取看“确认”", "over HTTPS the acknowledgement shows it")),
            Transport.KAFKA: Asked(
                Words("读完推送主题中的全部记录。", "Read everything in the feed topic."),
                Words(
                    "持续读取直至末尾，遇到读不懂的记录也要越过并报告。",
                    "Keep reading to the end; pass over what you cannot read, and report it.",
                ),
                group.to_the_end,
            ),
        },
    ),
    Scenario(
        "restart",
        Part.READING,
        Words("重启后接续", "After a restart"),
        {
            Transport.HTTP: Unasked(
                Words(
                    "每次请求都重新开始，看“接续读取”", "every request begins anew: “Go on reading” shows it"
                )
            ),
            Transport.KAFKA: Asked(
                Words("停止读取程序，再启动。", "Stop the program that reads, and start it again."),
                Words(
                    "重启后从已提交位置继续，不得从头或从末尾读起。",
                    "Go on from the committed offset, neither from the beginning nor from the end.",
                ),
                group.restart,
            ),
        },
    ),
    Scenario(
        "heads",
        Part.READING,
        Words("签名头", "Signed heads"),
        {
            Transport.HTTP: Unasked(Words("经HTTPS另行读取签名头", "over HTTPS heads are asked for apart")),
            Transport.KAFKA: Asked(
                Words("继续读取：每小时有一个签名头。", "Go on reading: a signed head comes every hour."),
                Words(
                    "带 linkage-head 的记录不是推送件：核对或越过（docs/proof.md）。",
                    "A record with the header linkage-head is no entry: "
                    "check it, or pass over it (docs/proof.md).",
                ),
                group.heads,
            ),
        },
    ),
    Scenario(
        "handshake",
        Part.WEBHOOK,
        Words("接收地址握手", "Handshake of a webhook"),
        {
            Transport.HTTP: Asked(
                Words("登记接收地址。", "Register a webhook."),
                Words(
                    "对 linkage.handshake 以2xx回答同一 challenge。",
                    "Answer linkage.handshake by 2xx and the same challenge.",
                ),
                receiving.handshake,
            )
        },
    ),
    Scenario(
        "signatures",
        Part.WEBHOOK,
        Words("验证签名", "Check signatures"),
        {
            Transport.HTTP: Asked(
                Words("等待：总线会送来真伪各件。", "Wait: genuine and forged deliveries will come."),
                Words(
                    "用 Standard Webhooks 库验证签名和时间，不符的一律拒绝。",
                    "Check signature and time with a Standard Webhooks library, and refuse what does not pass.",
                ),
                receiving.signatures,
            )
        },
    ),
    Scenario(
        "repeated-webhook",
        Part.WEBHOOK,
        Words("容忍重复推送", "Tolerate a repeated delivery"),
        {
            Transport.HTTP: Asked(
                Words("等待：同一件会送来两次。", "Wait: one delivery will come twice."),
                Words(
                    "webhook-id 相同的，第二次也回答2xx。", "Answer 2xx to a webhook-id that you have, too."
                ),
                receiving.repeated_webhook,
            )
        },
    ),
)
