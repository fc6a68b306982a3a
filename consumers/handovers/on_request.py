"""Limits that no event of the bus begins: known, counted by `linkage due` when asked, without a clock of their own."""

from __future__ import annotations

from datetime import date

from consumers.handovers.duty import Duty
from consumers.handovers.periods import Period, calendar_days, working_days
from consumers.handovers.statute import Statute
from consumers.handovers.texts import (
    ECONOMIC,
    ECONOMIC_2018,
    JOINT,
    JOINT_2006,
    LAPSES,
    ORDER_2020,
    POLICE_CASES,
    POLICE_CASES_2016,
    REFORM,
    REFORM_2015,
    SINCE_2001,
    SPP_2001,
    SPP_2001_SINCE,
    TARGET,
    UNDER_COUNTY_HEAD,
)
from consumers.sources import Mark
from schemas.units import Role

_LOCAL_2025 = "常州市武进区知识产权行刑衔接做法（2025，外地）"


def _asked(name: str, role: Role, trigger: str) -> Duty:
    return Duty(name, role, starts=(), stops=(), trigger=trigger)


def _spp_2001(
    code: str, role: Role, period: Period, *, zh: str, en: str, trigger: str, breach: str = ""
) -> Statute:
    """A limit of the 2001 provisions, mostly overtaken since duty crimes moved to the supervision organs."""
    return Statute(
        code, "2001", _asked(code.lower(), role, trigger), zh, en, period, SPP_2001, Mark.VERIFIED,
        SPP_2001_SINCE, breach=breach,
    )  # fmt: skip


ON_REQUEST: tuple[Statute, ...] = (
    Statute(
        "ECO-15", "2018",
        _asked("decide-economic-lead", Role.POLICE, "受理其他经济犯罪线索 — another economic lead taken up"),
        "其他经济犯罪线索立案审查", "Filing decision on another economic lead",
        calendar_days(7), f"{ECONOMIC}第15条", Mark.REPORTED, ECONOMIC_2018, economic=True,
        extensions=UNDER_COUNTY_HEAD,
    ),
    Statute(
        "MPS-2015-checked", "2015",
        _asked("decide-checked-lead", Role.POLICE, "线索需要查证 — the lead has to be checked"),
        "需查证线索的立案审查", "Filing decision on a lead that has to be checked",
        calendar_days(7), REFORM, Mark.MEMORY, REFORM_2015, profile="mps-2015",
        extensions=(("county_head", 30),),
    ),
    Statute(
        "PSB-16-entry", "2016", _asked("enter-in-police-system", Role.POLICE, "接受移送 — a transfer is taken in"),
        "录入执法办案信息系统", "Enter the transfer in the police case system",
        working_days(1), f"{TARGET}：{POLICE_CASES}“及时”", Mark.DERIVED, POLICE_CASES_2016, office=True,
    ),
    Statute(
        "O310-19", "1", _asked("pass-on-duty-lead", Role.AGENCY, "发现职务违法犯罪线索 — a duty-crime lead is found"),
        "移送职务违法犯罪线索", "Pass on a duty-crime lead",
        working_days(5), f"{TARGET}：{ORDER_2020}第19条“及时”", Mark.DERIVED, SINCE_2001, office=True,
    ),
    Statute(
        "JOINT-06-filing", "2006", _asked("decide-filing-2006", Role.POLICE, "受理移送 — the transfer is accepted"),
        "公安机关立案审查（2006年意见）", "Filing decision under the Joint Opinion of 2006",
        calendar_days(10), JOINT, Mark.MEMORY, JOINT_2006, profile="joint-06",
        extensions=(("county_head", 30),),
    ),
    _spp_2001(
        "SPP-2001-report", Role.CRIMINAL, calendar_days(3),
        zh="受理后报检察长", en="Report the case to the chief procurator",
        trigger="检察院受理移送 — the procuratorate takes the transfer in",
    ),
    _spp_2001(
        "SPP-2001-object", Role.AGENCY, calendar_days(5),
        zh="对不立案提请复议", en="Ask for reconsideration of a non-filing",
        trigger="收到不立案通知书 — the notice of non-filing is received", breach=LAPSES,
    ),
    _spp_2001(
        "SPP-2001-decide", Role.CRIMINAL, calendar_days(7), zh="作出复议决定", en="Decide the reconsideration",
        trigger="收到复议申请 — the request is received",
    ),
    _spp_2001(
        "SPP-2001-review", Role.AGENCY, calendar_days(5),
        zh="提请上一级检察院复核", en="Ask the next higher procuratorate for review",
        trigger="收到复议决定 — the decision is received", breach=LAPSES,
    ),
    _spp_2001(
        "SPP-2001-review-decision", Role.CRIMINAL, calendar_days(15), zh="作出复核决定", en="Decide the review",
        trigger="收到复核申请 — the request is received",
    ),
    Statute(
        "IP-LOCAL-25", "2025",
        _asked("answer-planned-non-prosecution", Role.AGENCY, "收到拟不起诉提前介入函 — the letter is received"),
        "答复拟不起诉提前介入函（外地做法）", "Answer a planned non-prosecution letter (another place's practice)",
        working_days(3), _LOCAL_2025, Mark.REPORTED, date(2025, 1, 1), profile="ip-local-25", fields=frozenset({"ip"}),
    ),
)  # fmt: skip
