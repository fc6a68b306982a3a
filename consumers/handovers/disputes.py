"""Disputes over an order to withdraw a case (通知撤销案件): who must decide them, and until when one may ask."""

from __future__ import annotations

from consumers.handovers.duty import Duty, Proof, Start, Stop
from consumers.handovers.periods import calendar_days
from consumers.handovers.statute import Statute
from consumers.handovers.texts import FILING_2010, FILING_SUPERVISION, LAPSES, RULES, RULES_2019
from consumers.sources import Mark
from schemas.units import Role

_NOTICE = ("notice_no",)

RECONSIDER_ORDER = Duty(
    "reconsider-order",
    Role.CRIMINAL,
    starts=(
        Start("supervision.disputed", assumed=True, addressed=True, only=(("stage", ("reconsideration",)),)),
    ),
    stops=(
        Stop("supervision.dispute_decided", only=(("stage", ("reconsideration",)),)),
        Stop("supervision.dispute_decided", Proof.LATER, only=(("stage", ("review",)),)),
        Stop("case.withdrawn", Proof.RELEASE, any_key=True),
    ),
    key=_NOTICE,
)
SEEK_REVIEW = Duty(
    "seek-review",
    Role.POLICE,
    starts=(
        Start(
            "supervision.dispute_decided",
            assumed=True,
            only=(("stage", ("reconsideration",)), ("result", ("maintained",))),
        ),
    ),
    stops=(
        Stop("supervision.disputed", only=(("stage", ("review",)),)),
        Stop("case.withdrawn", Proof.RELEASE, any_key=True),
    ),
    key=_NOTICE,
    is_right=True,
)
REVIEW_ORDER = Duty(
    "review-order",
    Role.CRIMINAL,
    starts=(Start("supervision.disputed", assumed=True, addressed=True, only=(("stage", ("review",)),)),),
    stops=(
        Stop("supervision.dispute_decided", only=(("stage", ("review",)),)),
        Stop("case.withdrawn", Proof.RELEASE, any_key=True),
    ),
    key=_NOTICE,
)

DISPUTES: tuple[Statute, ...] = (
    Statute(
        "PR-565", "2019-reconsideration", RECONSIDER_ORDER,
        "对撤销案件通知的复议决定", "Decide the reconsideration of an order to withdraw",
        calendar_days(7), f"{RULES}第565条", Mark.VERIFIED, RULES_2019,
    ),
    Statute(
        "PR-565-review", "2019", REVIEW_ORDER,
        "对撤销案件通知的复核决定", "Decide the review of an order to withdraw",
        calendar_days(15), f"{RULES}第565条", Mark.VERIFIED, RULES_2019, also=("FS-2010-review-decision",),
    ),
    Statute(
        "FS-2010-review-decision", "2010", REVIEW_ORDER,
        "对撤销案件通知的复核决定", "Decide the review of an order to withdraw",
        calendar_days(15), FILING_SUPERVISION, Mark.REPORTED, FILING_2010, RULES_2019,
    ),
    Statute(
        "FS-2010-review", "2010", SEEK_REVIEW,
        "提请上一级检察院复核", "Ask the next higher procuratorate for review",
        calendar_days(5), FILING_SUPERVISION, Mark.REPORTED, FILING_2010, breach=LAPSES,
    ),
)  # fmt: skip
