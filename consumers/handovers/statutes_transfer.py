"""Limits of the forward transfer (正向移送): the agency, then the police."""

from __future__ import annotations

from consumers.handovers import duties
from consumers.handovers.order_310 import order_310
from consumers.handovers.periods import calendar_days, hours, working_days
from consumers.handovers.statute import Statute
from consumers.handovers.texts import (
    ECONOMIC,
    ECONOMIC_2018,
    ENVIRONMENT,
    ENVIRONMENT_2017,
    ENVIRONMENTAL,
    JOINT,
    JOINT_2006,
    LATE_FILING,
    LATE_ITEMS,
    LATE_TRANSFER,
    ORDER_2020,
    PENALTY,
    PENALTY_2021,
    POLICE,
    POLICE_2020,
    POLICE_CASES,
    POLICE_CASES_2016,
    REFORM,
    REFORM_2015,
    SAFETY,
    SAFETY_2019,
    SINCE_2001,
    TARGET,
    UNDECIDED,
    UNDER_COUNTY_HEAD,
    UP,
    UP_AND_JUSTICE,
)
from consumers.sources import Mark

TRANSFER: tuple[Statute, ...] = (
    # Forward transfer: the agency.
    Statute(
        "O310-05a", "1", duties.FORM_TASK_GROUP,
        "指定专案组", "Name the task group",
        working_days(3), f"{TARGET}：{ORDER_2020}第5条第1款“立即”", Mark.DERIVED, SINCE_2001, office=True,
    ),
    *order_310(
        "O310-05b", duties.DECIDE_ON_TRANSFER, "第5条第2款", calendar_days(3),
        zh="负责人决定是否移送", en="Head decides on the transfer", also=("ENV-17-05b", "SAFE-19-05b"),
        breach=LATE_TRANSFER, up=UP_AND_JUSTICE,
    ),
    *order_310(
        "O310-05c", duties.TRANSFER, "第5条第2款", hours(24),
        zh="批准后移送公安机关", en="Transfer to the police after approval", also=("ENV-17-05c", "SAFE-19-05c"),
        breach=LATE_TRANSFER, up=UP_AND_JUSTICE,
    ),
    *order_310(
        "O310-12", duties.HAND_OVER_ITEMS, "第12条", calendar_days(3),
        zh="移交涉案物品并办结交接手续", en="Hand over articles, complete the formalities",
        breach=LATE_ITEMS, also=("PSB-16-items", "ENV-17-items", "FOOD-15-items"),
    ),
    Statute(
        "JOINT-06", "2006", duties.COPY_PENALTY,
        "处罚后抄送公安机关、检察机关", "Copy a penalty given instead of a transfer",
        calendar_days(10), f"{JOINT}第1条", Mark.REPORTED, JOINT_2006, escalate_to=UP,
    ),
    Statute(
        "APL-60", "2021", duties.PENALISE,
        "作出行政处罚决定", "Decide the penalty case",
        calendar_days(90), f"{PENALTY}第60条", Mark.VERIFIED, PENALTY_2021, escalate_to=UP_AND_JUSTICE,
    ),
    # Forward transfer: the police.
    *order_310(
        "O310-07b", duties.FORWARD, "第7条", hours(24),
        zh="转送有管辖权的机关", en="Forward to the competent organ",
        breach=LATE_FILING, also=("PSB-175",),
    ),
    Statute(
        "PSB-180b-notify", "2020", duties.REQUEST_SUPPLEMENT,
        "通知补正", "Ask for missing materials",
        hours(24), f"{POLICE}第180条第2款", Mark.VERIFIED, POLICE_2020,
        also=("PSB-16-notify", "ENV-17-supplement-notify"),
    ),
    Statute(
        "PSB-180b", "2020", duties.SUPPLEMENT,
        "补正材料", "Supplement the materials",
        calendar_days(3), f"{POLICE}第180条第2款", Mark.VERIFIED, POLICE_2020,
        also=("PSB-16", "ENV-17-supplement"),
    ),
    Statute(
        "ECO-16", "2018", duties.DECIDE_FILING,
        "经济犯罪案件立案审查（至迟期限）", "Filing decision, economic crime: the outer limit",
        calendar_days(10), f"{ECONOMIC}第16条", Mark.REPORTED, ECONOMIC_2018, economic=True,
        extensions=UNDER_COUNTY_HEAD,
        breach=LATE_FILING, escalate_to=UP, announces=UNDECIDED,
    ),
    Statute(
        "MPS-2015", "2015", duties.DECIDE_FILING,
        "受案立案审查（复杂线索可至30日）", "Filing decision, longer for complex leads",
        calendar_days(3), REFORM, Mark.MEMORY, REFORM_2015, profile="mps-2015",
        extensions=(("county_head", 30), ("higher_organ", 30)),
        breach=LATE_FILING, escalate_to=UP, announces=UNDECIDED,
    ),
    Statute(
        "ENV-17-filing", "2017", duties.DECIDE_FILING,
        "环境案件立案审查（复杂线索可至30日）", "Filing decision, environment, longer for complex leads",
        calendar_days(3), ENVIRONMENT, Mark.MEMORY, ENVIRONMENT_2017, profile="env-17", fields=ENVIRONMENTAL,
        extensions=(("county_head", 30), ("higher_organ", 30)),
        breach=LATE_FILING, escalate_to=UP, announces=UNDECIDED,
    ),
    *order_310(
        "O310-08", duties.DECIDE_FILING, "第8条", calendar_days(3),
        zh="决定是否立案", en="Filing decision",
        breach=LATE_FILING, also=("PSB-180a", "ENV-17-08"), announces=UNDECIDED,
    ),
    Statute(
        "ECO-16-ordinary", "2018-economic", duties.DECIDE_FILING_SOON,
        "经济犯罪案件立案审查（通常期限）", "Filing decision, economic crime: the ordinary limit",
        calendar_days(3),
        f"通常期限，至迟期限见 ECO-16 — ordinary limit, see ECO-16：{ORDER_2020}第8条；{ECONOMIC}第16条",
        Mark.REPORTED, ECONOMIC_2018, economic=True, office=True,
    ),
    Statute(
        "PSB-184", "2020", duties.TELL_OF_MOVE,
        "移送其他公安机关后通知移送机关", "Tell the agency that the case moved",
        calendar_days(3), f"{POLICE}第184条", Mark.VERIFIED, POLICE_2020,
    ),
    Statute(
        "PSB-189", "2020", duties.TELL_OF_WITHDRAWAL,
        "撤案后告知移送机关", "Tell the agency of the withdrawal",
        calendar_days(3), f"{POLICE}第189条", Mark.VERIFIED, POLICE_2020,
    ),
    Statute(
        "ENV-17-told", "2017", duties.TELL_OF_FILING,
        "环境案件立案结果通知并抄送", "Tell of the filing decision, environment",
        calendar_days(3), ENVIRONMENT, Mark.MEMORY, ENVIRONMENT_2017, profile="env-17", fields=ENVIRONMENTAL,
    ),
    Statute(
        "PSB-16-return", "2016", duties.RETURN_FILE,
        "不予立案的退回案卷材料", "Return the file of a case that was not filed",
        calendar_days(3), POLICE_CASES, Mark.MEMORY, POLICE_CASES_2016, profile="psb-16",
    ),
    Statute(
        "SAFE-19", "2019", duties.TELL_OF_FILING,
        "安全生产案件立案结果通知并抄送", "Tell of the filing decision, work safety",
        calendar_days(3), SAFETY, Mark.REPORTED, SAFETY_2019, fields=frozenset({"work_safety"}),
    ),
)  # fmt: skip
