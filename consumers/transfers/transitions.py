"""The two tracks of a case as tables: states, what each event says, after which states that is in legal order.

The forward track (正向移送) leads from a lead to a judgment, the reverse track (反向移送) from a decision not to
prosecute back to a penalty. Everything that decides the state of a case stands here; `history` only applies it.
An event type that is in neither table is a side track and never moves a case.

Four readings of the law that the rows follow:

- Steps inside an agency need not be published, so a transfer is in order after any of them but a refusal.
- A later step proves the earlier ones: once a case is with the police, an arrest, a charge or a judgment is in
  order even if the filing was never published. Before any transfer they are flagged, and believed.
- A case that police, procuratorate or court opened themselves begins where they are.
- A decision that ends the case for one party (`party` is given) moves the case only when it has been given for
  every known party; the reverse track starts with the first one. Where each party stands is in `parties`, and an
  event about a party is in legal order if it is for that party (docs/adr/0015).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from consumers.casefile import CaseEvent
from consumers.parties import suspects
from consumers.transfers.states import NO_STATE, REVERSE_STATES


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of an event and of the standing events before it, with its words for the page. Pure."""

    zh: str
    en: str
    holds: Callable[[Sequence[CaseEvent], CaseEvent], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """What an event says about one track. Of several rows for one type the first whose `when` holds counts.

    `after`: states from which it leads to `to` in legal order. `within`: further states in which it is in
    legal order and changes nothing. `own`: it is also in order as one of the first things known, if police,
    procuratorate or court opened the case. From any other state the event is out of order: flagged, unless
    `neutral`; and it moves the case only if it proves a later state than the one known.
    """

    events: tuple[str, ...]
    to: str | None
    after: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    own: bool = False
    neutral: bool = False
    when: Condition | None = None


def _ends_for_all(before: Sequence[CaseEvent], event: CaseEvent) -> bool:
    party = event.data.get("party")
    if party is None:
        return True
    known = _known(before)
    return bool(known) and known <= _had_it(before, event)


def _declined_for_all(before: Sequence[CaseEvent], event: CaseEvent) -> bool:
    return event.data.get("party") is None or _known(before) <= _had_it(before, event)


def _known(before: Sequence[CaseEvent]) -> set[str]:
    return {name for other in before for name in suspects(other)}


def _had_it(before: Sequence[CaseEvent], event: CaseEvent) -> set[str | None]:
    """The parties that had such a decision, `event` included."""
    return {other.data.get("party") for other in (*before, event) if other.type == event.type}


def _received(before: Sequence[CaseEvent], _: CaseEvent) -> bool:
    return any(other.type == "transfer.received" for other in before)


def _says(field: str, value: object) -> Callable[[Sequence[CaseEvent], CaseEvent], bool]:
    return lambda _, event: event.data.get(field) == value


ENDS_FOR_ALL = Condition(
    "未写明当事人，或已知当事人均已如此处理", "no party named, or every known party had it", _ends_for_all
)
DECLINED_FOR_ALL = Condition(
    "未写明当事人，或没有已知当事人尚待决定",
    "no party named, or no known party waits for a decision",
    _declined_for_all,
)
FOR_ALL = (ENDS_FOR_ALL, DECLINED_FOR_ALL)
"""What depends on the other parties of the case."""
RECEIVED = Condition("公安机关已出具回执", "the police have signed a receipt", _received)
FILED_AFTER_ALL = Condition("复议后决定立案", "result: filed", _says("result", "filed"))
REASONS_FAIL = Condition("理由不成立", "the reasons fail", _says("outcome", "reasons_fail"))
EXEMPTED = Condition("免予刑事处罚", "exempted from punishment", _says("result", "exempted"))
INTERIM = Condition("阶段性回复", "interim reply", _says("interim", value=True))
SUGGESTED = Condition("制发检察建议", "as a suggestion", _says("kind", "suggestion"))

_FIRST = ("OPEN", "LEAD", "ADMIN_FILED")
_REPORTABLE = (*_FIRST, "SUSPECTED_CRIME", "TASK_GROUP")
_PREPARING = (*_REPORTABLE, "PENDING_HEAD", "REFUSED", "APPROVED", "OPINION_TO_TRANSFER")
_REVIEWING = ("TRANSFERRED", "SUPPLEMENT", "FORWARDED", "ACCEPTED", "NO_DECISION_OVERDUE")
_DECLINED = (
    "NOT_FILED",
    "RECONSIDERING",
    "MAINTAINED",
    "SUPERVISION",
    "REASONS_ASKED",
    "REASONS_HOLD",
    "FILE_ORDERED",
)
_CRIMINAL = ("FILED", "ITEMS_HANDED", "INVESTIGATING")
_CHARGED = ("SENT_FOR_PROSECUTION", "NOT_PROSECUTED", "PROSECUTED", "JUDGED")
OWN_START = (*_FIRST, "SUSPECTED_CRIME")
"""States in which a case that police, procuratorate or court opened has not yet been taken further."""

FORWARD: tuple[Move, ...] = (
    Move(("lead.found", "accident.occurred"), "LEAD", after=("OPEN",), neutral=True),
    Move(("admin_case.filed",), "ADMIN_FILED", after=("OPEN", "LEAD"), neutral=True),
    Move(
        ("transfer.suspected",),
        "SUSPECTED_CRIME",
        after=(*_FIRST, "REFUSED", "OPINION_TO_TRANSFER", "RETURNED"),
        within=("SUSPECTED_CRIME", "TASK_GROUP", "PENDING_HEAD", "APPROVED"),
    ),
    Move(
        ("transfer.task_group_formed",),
        "TASK_GROUP",
        after=(*_FIRST, "SUSPECTED_CRIME", "OPINION_TO_TRANSFER"),
        within=("TASK_GROUP",),
    ),
    Move(("transfer.reported",), "PENDING_HEAD", after=(*_REPORTABLE, "REFUSED", "OPINION_TO_TRANSFER")),
    Move(("transfer.approved",), "APPROVED", after=(*_REPORTABLE, "PENDING_HEAD", "OPINION_TO_TRANSFER")),
    Move(("transfer.refused",), "REFUSED", after=(*_REPORTABLE, "PENDING_HEAD", "OPINION_TO_TRANSFER")),
    Move(("opinion.to_transfer_issued",), "OPINION_TO_TRANSFER", after=_PREPARING),
    Move(
        ("opinion.to_transfer_executed",),
        None,
        within=(*_PREPARING[3:], *_REVIEWING, "OUT_OF_REMIT", *_DECLINED, *_CRIMINAL, *_CHARGED),
    ),
    Move(
        ("transfer.sent", "transfer.on_site_handed"),
        "TRANSFERRED",
        after=(
            *_REPORTABLE,
            "PENDING_HEAD",
            "APPROVED",
            "OPINION_TO_TRANSFER",
            "OUT_OF_REMIT",
            "NOT_FILED",
            "MAINTAINED",
            "RETURNED",
        ),
        # A hand-over on site comes before or after the letter, and the receipt may be signed on the spot.
        within=("TRANSFERRED", "ACCEPTED"),
    ),
    Move(("transfer.received",), "ACCEPTED", after=("TRANSFERRED", "SUPPLEMENT", "FORWARDED")),
    Move(("transfer.supplement_requested",), "SUPPLEMENT", after=("TRANSFERRED", "FORWARDED", "ACCEPTED")),
    Move(("transfer.supplemented",), "ACCEPTED", after=("SUPPLEMENT",), within=("ACCEPTED",), when=RECEIVED),
    Move(("transfer.supplemented",), "TRANSFERRED", after=("SUPPLEMENT",)),
    Move(("transfer.forwarded",), "FORWARDED", after=_REVIEWING, within=_CRIMINAL),
    Move(("transfer.out_of_remit",), "OUT_OF_REMIT", after=_REVIEWING),
    Move(("filing.extended",), None, within=_REVIEWING),
    Move(("filing.undecided_overdue",), "NO_DECISION_OVERDUE", after=_REVIEWING[:4], neutral=True),
    Move(
        ("filing.accepted",),
        "FILED",
        after=(*_REVIEWING, *_DECLINED, "WITHDRAWN"),
        within=("FILED",),
        own=True,
    ),
    Move(("filing.declined",), "NOT_FILED", after=_REVIEWING, own=True, when=DECLINED_FOR_ALL),
    Move(("filing.declined",), None, within=(*_REVIEWING, *_CRIMINAL, *_CHARGED), own=True),
    Move(("reconsideration.requested",), "RECONSIDERING", after=("NOT_FILED",)),
    Move(
        ("reconsideration.decided",),
        "FILED",
        after=("RECONSIDERING",),
        within=_CRIMINAL,
        when=FILED_AFTER_ALL,
    ),
    Move(("reconsideration.decided",), "MAINTAINED", after=("RECONSIDERING",)),
    Move(("supervision.proposed",), "SUPERVISION", after=(*_REVIEWING, "NOT_FILED", "MAINTAINED")),
    Move(
        ("supervision.reasons_requested",),
        "REASONS_ASKED",
        after=(*_REVIEWING, "NOT_FILED", "MAINTAINED", "SUPERVISION"),
    ),
    Move(("supervision.reasons_given",), None, within=("REASONS_ASKED", *_CRIMINAL)),
    Move(("supervision.file_ordered",), "FILE_ORDERED", after=("REASONS_ASKED",)),
    Move(
        ("supervision.concluded",),
        None,
        within=("REASONS_ASKED", "FILE_ORDERED", *_CRIMINAL),
        when=REASONS_FAIL,
    ),
    Move(
        ("supervision.concluded",), "REASONS_HOLD", after=("REASONS_ASKED", "SUPERVISION"), within=_CRIMINAL
    ),
    Move(
        ("supervision.corrected", "supervision.urged"),
        None,
        within=(
            *_REVIEWING,
            "NOT_FILED",
            "MAINTAINED",
            "SUPERVISION",
            "REASONS_ASKED",
            "FILE_ORDERED",
            *_CRIMINAL,
        ),
    ),
    Move(
        ("items.handed_over",),
        "ITEMS_HANDED",
        after=("FILED",),
        within=(*_REVIEWING, "ITEMS_HANDED", "INVESTIGATING", *_CHARGED),
    ),
    Move(
        ("case.suspect_in_custody", "case.arrest_approved"),
        "INVESTIGATING",
        after=(*_REVIEWING, "FILED", "ITEMS_HANDED"),
        within=("INVESTIGATING", *_CHARGED),
        own=True,
    ),
    Move(
        ("case.withdrawn",),
        "WITHDRAWN",
        after=(*_CRIMINAL, "SENT_FOR_PROSECUTION"),
        own=True,
        when=ENDS_FOR_ALL,
    ),
    Move(("case.withdrawn",), None, within=(*_CRIMINAL, *_CHARGED), own=True),
    Move(
        ("returned.to_agency",),
        "RETURNED",
        after=(
            *_REVIEWING,
            "OUT_OF_REMIT",
            "NOT_FILED",
            "MAINTAINED",
            "REASONS_HOLD",
            *_CRIMINAL,
            "WITHDRAWN",
        ),
        within=_CHARGED,  # others of the case, who committed no crime
        own=True,
        when=ENDS_FOR_ALL,
    ),
    Move(
        ("returned.to_agency",),
        None,
        within=(*_REVIEWING, *_DECLINED, *_CRIMINAL, "WITHDRAWN", *_CHARGED),
        own=True,
    ),
    Move(
        ("case.sent_for_prosecution",),
        "SENT_FOR_PROSECUTION",
        after=(*_REVIEWING, *_CRIMINAL, "NOT_PROSECUTED"),
        within=("SENT_FOR_PROSECUTION", "PROSECUTED", "JUDGED"),  # further suspects
        own=True,
    ),
    Move(
        ("case.not_prosecuted",),
        "NOT_PROSECUTED",
        after=(*_REVIEWING, *_CRIMINAL, "SENT_FOR_PROSECUTION"),
        within=("NOT_PROSECUTED",),
        own=True,
        when=ENDS_FOR_ALL,
    ),
    Move(("case.not_prosecuted",), None, within=(*_REVIEWING, *_CRIMINAL, *_CHARGED), own=True),
    Move(
        ("case.prosecuted",),
        "PROSECUTED",
        after=(*_REVIEWING, *_CRIMINAL, "SENT_FOR_PROSECUTION", "NOT_PROSECUTED"),
        within=("PROSECUTED", "JUDGED"),
        own=True,
    ),
    Move(
        ("case.judged",),
        "JUDGED",
        after=(*_REVIEWING, *_CRIMINAL, "SENT_FOR_PROSECUTION", "PROSECUTED"),
        within=("JUDGED",),
        own=True,
    ),
    Move(("case.appeal_decided",), "JUDGED", after=("PROSECUTED",), within=("JUDGED",), own=True),
)

_ALL_REVERSE = tuple(state.code for state in REVERSE_STATES)
_ENTERED = ("RETURNED", "NOT_PROSECUTED", "EXEMPTED")
_UNDER_REVIEW = ("CASE_MOVED", "ADMIN_DEPT_RECEIVED")
_WITH_LETTER = (
    "OPINION_ISSUED",
    "DELIVERED",
    "REPLY_OVERDUE",
    "REPLIED_IN_PROGRESS",
    "REPLIED",
    "FOLLOW_UP",
    "SUGGESTION",
)
_PAST_MOVE = (*_UNDER_REVIEW, "SUSPENDED", "REVIEW_CLOSED", *_WITH_LETTER)

REVERSE: tuple[Move, ...] = (
    Move(("returned.to_agency",), "RETURNED", after=(NO_STATE,), within=_ALL_REVERSE),
    Move(("case.not_prosecuted",), "NOT_PROSECUTED", after=(NO_STATE, "RETURNED"), within=_ALL_REVERSE),
    Move(("case.judged",), "EXEMPTED", after=(NO_STATE, "RETURNED"), within=_ALL_REVERSE, when=EXEMPTED),
    Move(
        ("reverse.case_moved",),
        "CASE_MOVED",
        after=("NOT_PROSECUTED", "EXEMPTED"),
        within=_PAST_MOVE,  # a further party
    ),
    Move(
        ("reverse.registered",),
        "ADMIN_DEPT_RECEIVED",
        after=("NOT_PROSECUTED", "EXEMPTED", "CASE_MOVED"),
        within=_PAST_MOVE,
    ),
    Move(("reverse.jurisdiction_settled",), None, within=(*_ENTERED, *_PAST_MOVE)),
    Move(("reverse.suspended",), "SUSPENDED", after=_UNDER_REVIEW),
    Move(("reverse.resumed",), "ADMIN_DEPT_RECEIVED", after=("SUSPENDED",)),
    Move(("reverse.review_closed",), "REVIEW_CLOSED", after=("NOT_PROSECUTED", "EXEMPTED", *_UNDER_REVIEW)),
    Move(
        ("reverse.opinion_issued",),
        "OPINION_ISSUED",
        after=("NOT_PROSECUTED", "EXEMPTED", *_UNDER_REVIEW),
        within=_WITH_LETTER,  # a letter to a second addressee or about a second party
    ),
    Move(("reverse.opinion_delivered",), "DELIVERED", after=("OPINION_ISSUED",), within=_WITH_LETTER),
    Move(
        ("reverse.replied",),
        "REPLIED_IN_PROGRESS",
        after=("RETURNED", "OPINION_ISSUED", "DELIVERED", "REPLY_OVERDUE", "FOLLOW_UP", "SUGGESTION"),
        within=("REPLIED_IN_PROGRESS", "REPLIED"),
        when=INTERIM,
    ),
    Move(("reverse.replied",), "REPLIED", after=("RETURNED", *_WITH_LETTER)),
    Move(
        ("reverse.reply_overdue",),
        "REPLY_OVERDUE",
        after=("OPINION_ISSUED", "DELIVERED"),
        neutral=True,
    ),
    Move(("reverse.followed_up",), "SUGGESTION", after=_WITH_LETTER, when=SUGGESTED),
    Move(("reverse.followed_up",), "FOLLOW_UP", after=_WITH_LETTER[:-1], within=("SUGGESTION",)),
)
