"""What a proposal of rules would change: computed on past cases by the comparison of `linkage rules diff`, and kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, func, select

from consumers.administration.proposals import Kind, Proposal, keep_preview, proposal_of
from consumers.clock.adopting import concerned
from consumers.explaining.comparing import Comparison, compare
from consumers.explaining.rule_sets import rule_set
from infra.comparing import of_database
from infra.rule_proposals import proposed_calendar, sides
from infra.settings import Settings

LOOK_BACK = timedelta(days=90)
"""Cases that the log had an event of since then are judged anew; older ones would take long and tell little more."""
MOST_GROUPS = 40


def preview(engine: Engine, settings: Settings, proposal_id: UUID, *, now: datetime) -> dict[str, Any]:
    """Computes and keeps it. Blocks for minutes on a large database; reads only, but for the result."""
    with engine.connect() as connection:
        proposal = proposal_of(connection, proposal_id)
        since = now - LOOK_BACK
        a, b = sides(settings, proposal)
        found = compare(rule_set(a), rule_set(b), of_database(connection, a, b, since), since)
        told = _told(found) | {"since": since.isoformat(), "computed_at": now.isoformat()}
        if proposal.kind is Kind.CALENDAR:
            told["counted_anew"] = sum(
                connection.execute(
                    select(func.count()).select_from(concerned(one).order_by(None).subquery())
                ).scalar_one()
                for one in _added(settings, proposal)
            )
    with engine.begin() as connection:
        keep_preview(connection, proposal_id, told)
    return told


def _added(settings: Settings, proposal: Proposal) -> tuple[Any, ...]:
    known = sides(settings, proposal)[0].calendar.version
    editions = proposed_calendar(proposal).editions
    versions = [one.calendar.version for one in editions]
    return editions[versions.index(known) + 1 :] if known in versions else editions


def _told(found: Comparison) -> dict[str, Any]:
    """Numbers and kinds only: whoever administers sees no case."""
    return {
        "cases": found.cases,
        "events": found.events,
        "differing_cases": found.differing_cases,
        "differing_events": found.differing_events,
        "groups": [
            {"aspect": one.aspect.value, "what": one.what, "count": one.count, "cases": one.cases}
            for one in found.groups[:MOST_GROUPS]
        ],
        "more_groups": max(0, len(found.groups) - MOST_GROUPS),
    }
