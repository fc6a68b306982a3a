"""What the demonstration's report says, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.demo.expectations import CLAIMS, MUST_NOT


@dataclass(frozen=True, slots=True)
class Words:
    """Every phrase of the report in one language. Fields in braces are filled in."""

    language: str
    colon: str
    comma: str
    semicolon: str
    alternative: str
    aside: str
    publishing: str
    preface: str
    source: str
    a_copy: str
    no_address: str
    ways: Mapping[str, str]
    routed: str
    mirrored: str
    clocks: str
    clock: str
    flagged: str
    not_understood: str
    held: str
    compared: str
    expected_but: str
    claims: Mapping[str, str]
    must_not: Mapping[str, str]
    deliveries: Mapping[str, str]
    results: Mapping[str, str]
    waiting_kept: str
    days_over: str
    days_so_far: str
    uncertain: str
    assumed: str
    provisional: str
    no_due: str
    at_latest: str
    times: Mapping[str, str]
    alarms: str
    feed: str
    total: str
    overdue_title: str
    where: str
    messages: str


ZH = Words(
    language="zh",
    colon="：",
    comma="、",
    semicolon="；",
    alternative="或",
    aside="{thing}（{said}）",
    publishing="正在上报 {cases} 个公开案例，并等待期限提示 …",
    preface=(
        "以下是公开发布的真实案例，个人姓名已隐去，各机关由演示单位扮演。\n"
        "“逾期”只是演示的计算结果，不是对任何真实机关的评价：多数起算日未公布，以标注的日期代替；"
        "文字中没有写明的办结，可能早已办结。\n"
        "案例都是过去的事，迟报的起算要先沉淀 {settling:g} 秒才提示逾期，以免与随后补报的办结相冲突（平时 60 秒）。"
    ),
    source="来源：{by}，{on}{address}；报送方式：{way}",
    a_copy="（转载页）",
    no_address="（未列地址）",
    ways={"gateway": "网关 HTTP", "kafka": "Kafka 直报"},
    routed="流转（送给谁、凭什么）",
    mirrored="检察意见同步抄送",
    clocks="期限",
    clock="{rule}  {holder}  到期 {due}  {result}  {basis}",
    flagged="提示核查",
    not_understood="尚不能上线的步骤",
    held="未入账",
    compared="与预期比对",
    expected_but="实际",
    claims={
        "applied": "全部入账",
        "routing": "第{step}步送达{role}",
        "mirror": "第{step}步抄送{role}",
        "clock": "第{step}步起 {rule}{due} {results}",
        "anomaly": "第{step}步提示核查",
        "threshold": "第{step}步达到追诉标准 {rule}",
        "must_not": "{kind} {value}",
    },
    must_not={
        "clock": "不起算",
        "breach": "不判逾期",
        "certain breach": "不判确定逾期",
        "clock from": "不由该步起算",
        "delivered": "不送",
        "mirrored": "不抄送",
        "parked": "不搁置",
        "refused": "不拒收",
        "in case": "不并入本案",
        "threshold": "不提示追诉标准",
    },
    deliveries={"duty": "办理", "copy": "抄送", "result": "反馈", "mirror": "同步抄送", "alarm": "提醒"},
    results={
        "met": "按期",
        "met-late": "逾期办结",
        "overdue": "逾期，未见办结",
        "undetermined": "无法判定",
        "running": "进行中",
        "paused": "中止",
        "none": "已撤销",
    },
    waiting_kept="期满后起诉，合规",
    days_over=" {days} 日",
    days_so_far="，至今 {days} 日",
    uncertain="尚不能确定",
    assumed="起算日为推定",
    provisional="节假日未公布，暂定",
    no_due="算不出",
    at_latest="最迟 {day}",
    times={
        "month": "{when}（日不详）",
        "year": "{when}年（月日不详）",
        "before": "{when} 之前",
        "after": "{when} 之后",
        "unknown": "日期不详",
    },
    alarms="逾期提示送达",
    feed="{unit}从自己的 Kafka 主题 {topic} 读到 {last} 条，序号 1–{last} 无缺，其中同步抄送 {mirrored} 条",
    total="{cases} 个案例，{events} 个事件（{left} 个步骤尚不能上线）；预期 {good}/{all} 项符合",
    overdue_title="法定期限逾期一览（演示结果）",
    where=(
        "总线还在运行（网关 {gateway}，Kafka {bootstrap}，各单位密钥在 {addresses}）。另开一个终端：\n\n"
        "  . {env}\n"
        "  linkage case {case}   # {title}\n"
        "  linkage clocks --overdue\n"
        "  linkage tail {unit}\n"
        "  curl -H 'Authorization: Bearer {key}' '{gateway}/v1/feeds/me?after=0'   # {name}\n\n"
        "按 Ctrl-C 停止一切。"
    ),
    messages="通知只发往本机，保存在 {file}",
)

EN = Words(
    language="en",
    colon=": ",
    comma=", ",
    semicolon="; ",
    alternative=" or ",
    aside="{thing} ({said})",
    publishing="Publishing {cases} published cases and waiting for the alarms …",
    preface=(
        "These are real cases as published; private persons are masked, the organs are played by demo units.\n"
        '"Overdue" is a result of this test, never a statement about a real office: most starts were not published '
        "and a day stands for them as marked; an end that the text does not tell may well have happened.\n"
        "All of it is past, and a start reported late settles for {settling:g} s before a breach is flagged, so that "
        "a stop reported right after it is no false alarm (60 s in normal running)."
    ),
    source="Source: {by}, {on}{address}; said through {way}",
    a_copy=" (a copy)",
    no_address=" (no address)",
    ways={"gateway": "the HTTP gateway", "kafka": "Kafka directly"},
    routed="Routed (to whom, on which basis)",
    mirrored="Opinions mirrored",
    clocks="Clocks",
    clock="{rule}  {holder}  due {due}  {result}  {basis}",
    flagged="Flagged for a person",
    not_understood="Steps that cannot be said yet",
    held="Not applied",
    compared="Against the expectations",
    expected_but="found",
    claims=CLAIMS,
    must_not={kind.replace("_", " "): kind.replace("_", " ") for kind in MUST_NOT},
    deliveries={"duty": "to act", "copy": "copy", "result": "result", "mirror": "mirrored", "alarm": "alarm"},
    results={
        "met": "met",
        "met-late": "met late",
        "overdue": "overdue, no end published",
        "undetermined": "cannot be told",
        "running": "running",
        "paused": "paused",
        "none": "withdrawn",
    },
    waiting_kept="suit after expiry, in order",
    days_over=" by {days} days",
    days_so_far=", {days} days so far",
    uncertain="not certain",
    assumed="assumed start",
    provisional="provisional: holidays not published",
    no_due="cannot be computed",
    at_latest="{day} at the latest",
    times={
        "month": "{when} (day unknown)",
        "year": "{when} (month unknown)",
        "before": "before {when}",
        "after": "after {when}",
        "unknown": "day unknown",
    },
    alarms="Told that it is overdue",
    feed="{unit} read {last} records from its own Kafka topic {topic}, numbers 1 to {last} without a gap, "
    "{mirrored} of them mirrored opinions",
    total="{cases} cases, {events} events ({left} steps cannot be said yet); {good} of {all} expectations hold",
    overdue_title="Statutory limits overdue (results of this test)",
    where=(
        "The bus keeps running (gateway {gateway}, Kafka {bootstrap}, the units' keys in {addresses}). "
        "In another terminal:\n\n"
        "  . {env}\n"
        "  linkage case {case}   # {title}\n"
        "  linkage clocks --overdue\n"
        "  linkage tail {unit}\n"
        "  curl -H 'Authorization: Bearer {key}' '{gateway}/v1/feeds/me?after=0'   # {name}\n\n"
        "Ctrl-C stops everything."
    ),
    messages="Notifications go to this machine only, into {file}",
)

LANGUAGES: Mapping[str, Words] = {"zh": ZH, "en": EN}
