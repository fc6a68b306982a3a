"""Office targets (内部时限) for steps that the law wants “immediately” (立即) or “timely” (及时), without a number.

They are the office's own and no statutory limits: told to the holder alone, and off until the office turns them on.
"""

from __future__ import annotations

from consumers.handovers.duty import Duty, Pausing, Proof, Start, Stop
from consumers.handovers.periods import Period, working_days
from consumers.handovers.statute import Statute
from consumers.handovers.texts import (
    ORDER_2020,
    PENALTY,
    POLICE,
    PROCEDURE,
    RULES,
    SINCE_2001,
    TARGET,
)
from consumers.sources import Mark
from schemas.units import Role

OFFICE_TARGETS = "office-targets"
"""Profile that turns them on."""

_AT_THE_POLICE = (
    Stop("filing.accepted", Proof.LATER),
    Stop("filing.declined", Proof.LATER),
)
SIGN_RECEIPT = Duty(
    "sign-receipt",
    Role.POLICE,
    starts=(
        Start("transfer.sent", assumed=True, addressed=True),
        Start("transfer.on_site_handed", addressed=True),
    ),
    stops=(
        Stop("transfer.received", by_holder=True),
        Stop("transfer.forwarded", Proof.RELEASE, by_holder=True),
        Stop("transfer.out_of_remit", Proof.RELEASE, by_holder=True),
        *_AT_THE_POLICE,
    ),
)
REFER_OUT = Duty(
    "refer-out",
    Role.POLICE,
    starts=SIGN_RECEIPT.starts,
    stops=(Stop("transfer.out_of_remit", by_holder=True),),
    if_done=True,
)
PASS_ON_SUSPICION = Duty(
    "pass-on-suspicion",
    Role.AGENCY,
    starts=(Start("transfer.suspected", speaker=True),),
    stops=(
        Stop("transfer.sent", by_holder=True),
        Stop("transfer.on_site_handed", by_holder=True),
        Stop("transfer.refused", Proof.RELEASE, by_holder=True),
        Stop("transfer.received", Proof.LATER),
        *_AT_THE_POLICE,
    ),
)
DEAL_AFTER_DECLINE = Duty(
    "deal-after-decline",
    Role.AGENCY,
    starts=(Start("filing.declined", assumed=True),),
    stops=(
        Stop("admin_case.filed", by_holder=True, early=True),
        Stop("admin_case.penalised", by_holder=True),
        Stop("reconsideration.requested", Proof.RELEASE, by_holder=True),
        Stop("supervision.proposed", Proof.RELEASE, by_holder=True),
        Stop("filing.accepted", Proof.RELEASE),
    ),
)
RETURN_TO_AGENCY = Duty(
    "return-to-agency",
    Role.POLICE,
    starts=(Start("case.withdrawn", speaker=True),),
    stops=(Stop("returned.to_agency", by_holder=True),),
    key=("party",),
)
PASS_ON_FOR_PENALTY = Duty(
    "pass-on-for-penalty",
    Role.ADMINISTRATIVE,
    starts=(Start("case.not_prosecuted"),),
    stops=(
        Stop("reverse.opinion_issued", early=True),
        Stop("reverse.review_closed"),
        Stop("reverse.opinion_delivered", Proof.LATER, any_key=True),
        Stop("reverse.replied", Proof.LATER),
    ),
    key=("party",),
    pauses=(Pausing("reverse.suspended", "reverse.resumed"),),
)


def _target(
    code: str, duty: Duty, period: Period, text: str, *, zh: str, en: str, also: tuple[str, ...] = ()
) -> Statute:
    return Statute(
        code, "1", duty, zh, en, period, f"{TARGET}：{text}", Mark.DERIVED, SINCE_2001,
        office=True, profile=OFFICE_TARGETS, also=also,
    )  # fmt: skip


TARGETS: tuple[Statute, ...] = (
    _target(
        "O310-07a", SIGN_RECEIPT, working_days(1), f"{ORDER_2020}第7条",
        zh="在移送书回执上签字", en="Sign the receipt slip",
    ),
    _target(
        "PSB-180c", REFER_OUT, working_days(3), f"{POLICE}第180条第3款",
        zh="书面告知向其他主管机关移送", en="Refer the agency to another organ in writing",
    ),
    _target(
        "APL-27", PASS_ON_SUSPICION, working_days(10), f"{PENALTY}第27条第1款“及时”",
        zh="发现涉嫌犯罪后移送", en="Transfer once a crime is suspected",
    ),
    _target(
        "O310-10", DEAL_AFTER_DECLINE, working_days(10), f"{ORDER_2020}第10条",
        zh="不予立案后依法处理", en="Deal with the case that the police did not file",
    ),
    _target(
        "O310-13", RETURN_TO_AGENCY, working_days(5), f"{ORDER_2020}第13条“及时”；{PENALTY}第27条第1款",
        zh="不追究刑事责任的移送行政机关", en="Transfer back what is no crime",
    ),
    _target(
        "CPL-177", PASS_ON_FOR_PENALTY, working_days(15),
        f"{PROCEDURE}第177条第3款；{RULES}第373条、第375条；{PENALTY}第27条第1款“及时”",
        zh="不起诉后提出检察意见移送主管机关", en="Opinion to the competent organ after a non-prosecution",
        also=("PR-373", "APL-27-reverse"),
    ),
)  # fmt: skip
