"""Which event gives which unit a role in the case, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemas.units import Role


class Who(StrEnum):
    """Whom a `Take` gives the role to."""

    SPEAKER = "speaker"
    ADDRESSEE = "addressee"


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A unit acts as `role` in the case from this event on, if it has that role in the register.

    The addressee of a transfer replaces whoever had the role; a speaker takes it only while it is free, or
    from a unit that stands below it (提级管辖: the county police file what was sent to their station).
    """

    events: tuple[str, ...]
    role: Role
    who: Who
    replaces: bool = False


TAKES: tuple[Take, ...] = (
    Take(
        (
            "admin_case.filed",
            "admin_case.penalised",
            "admin_case.correction_ordered",
            "transfer.suspected",
            "transfer.task_group_formed",
            "transfer.reported",
            "transfer.approved",
            "transfer.refused",
            "transfer.sent",
            "transfer.on_site_handed",
            "transfer.supplemented",
            "reconsideration.requested",
            "supervision.proposed",
            "opinion.to_transfer_executed",
            "items.handed_over",
        ),
        Role.AGENCY,
        Who.SPEAKER,
    ),
    Take(
        ("opinion.to_transfer_issued", "reverse.opinion_issued", "returned.to_agency"),
        Role.AGENCY,
        Who.ADDRESSEE,
    ),
    Take(
        ("transfer.sent", "transfer.on_site_handed", "transfer.forwarded"),
        Role.POLICE,
        Who.ADDRESSEE,
        replaces=True,
    ),
    Take(
        (
            "transfer.received",
            "transfer.supplement_requested",
            "transfer.out_of_remit",
            "filing.extended",
            "filing.accepted",
            "filing.declined",
            "reconsideration.decided",
            "supervision.reasons_given",
            "case.suspect_in_custody",
            "case.withdrawn",
            "case.sent_for_prosecution",
            "returned.to_agency",
        ),
        Role.POLICE,
        Who.SPEAKER,
    ),
    Take(("case.sent_for_prosecution", "supervision.proposed"), Role.CRIMINAL, Who.ADDRESSEE, replaces=True),
    Take(
        (
            "opinion.to_transfer_issued",
            "supervision.reasons_requested",
            "supervision.file_ordered",
            "supervision.concluded",
            "case.arrest_approved",
            "case.prosecuted",
            "case.not_prosecuted",
            "reverse.case_moved",
        ),
        Role.CRIMINAL,
        Who.SPEAKER,
    ),
    Take(("reverse.case_moved",), Role.ADMINISTRATIVE, Who.ADDRESSEE, replaces=True),
    Take(
        ("reverse.registered", "reverse.opinion_issued", "reverse.followed_up", "reverse.review_closed"),
        Role.ADMINISTRATIVE,
        Who.SPEAKER,
    ),
    Take(
        ("pil.filed", "pil.consulted", "pil.suggested", "pil.announced", "pil.suit_filed"),
        Role.PUBLIC_INTEREST,
        Who.SPEAKER,
    ),
    Take(("case.prosecuted", "pil.suit_filed"), Role.COURT, Who.ADDRESSEE, replaces=True),
    Take(("case.judged",), Role.COURT, Who.SPEAKER),
)
