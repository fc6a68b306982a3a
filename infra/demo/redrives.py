"""The redrive of the demonstration: the release of what is parked is proposed, and a second operator has to decide."""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection

from consumers.redrive.jobs import propose
from consumers.redrive.rules import Action, Verdict, plan
from consumers.redrive.selecting import Selection, candidates, siblings
from infra.settings import Settings
from schemas.units import Register

JOB = uuid5(NAMESPACE_URL, "linkage-demo/redrive")
_CAP = 10
_RATE = 1_000


def propose_release(connection: Connection, settings: Settings, register: Register, *, now: datetime) -> None:
    """Proposes it, if something is parked. A second time it changes nothing. The caller commits."""
    chosen = candidates(connection, Selection(kind="parked"), register, max_bytes=settings.max_event_bytes)
    planned = plan(chosen, Action.RELEASE, siblings=siblings(connection, chosen), cap=_CAP)
    if all(one.verdict is not Verdict.READY for one in planned):
        return
    propose(
        connection, JOB, planned, Action.RELEASE, by="operator", reason="已与报送单位核实，确由其回复。", rate=_RATE,
        needs_approval=True, now=now,
    )  # fmt: skip
