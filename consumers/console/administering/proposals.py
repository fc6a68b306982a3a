"""The pages of proposals: what waits for a second person, and the decision on one."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from consumers.administration.proposals import OF_RULES, ProposalError, latest, proposal_of
from consumers.approvals.rules import Decision
from consumers.console.administering.acting import collect, decide, may_collect
from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.entrance.signing_in import Text
from consumers.console.gate import RefusedError
from consumers.console.rendering import page

_COLLECT = "collect"


def router(console: Console) -> APIRouter:
    """The routes of proposals."""
    routes = APIRouter()

    @routes.get("/proposals", name="proposals")
    def shown(visit: CurrentVisit) -> Response:
        with console.engine.connect() as connection:
            found = latest(connection)
        return page(console, visit, "proposals.html", proposals=found)

    @routes.get("/proposals/{proposal}", name="proposal")
    def one(visit: CurrentVisit, proposal: UUID) -> Response:
        return _page(console, visit, proposal)

    @routes.post("/proposals/{proposal}")
    def proposal_change(
        visit: CurrentVisit, proposal: UUID, *, decision: Text = "", reason: Text = ""
    ) -> Response:
        try:
            if decision == _COLLECT:
                return _page(console, visit, proposal, secret=collect(console, visit, proposal).secret or "")
            wanted = Decision(decision)
        except ProposalError as error:
            return _page(console, visit, proposal, problem=str(error))
        except ValueError:  # nothing that the page offers
            raise RefusedError(400, "error.address") from None
        try:
            decide(console, visit, proposal, wanted, reason)
        except ProposalError as error:
            return _page(console, visit, proposal, problem=str(error))
        return RedirectResponse(f"/proposals/{proposal}", 303)

    @routes.post("/proposals/{proposal}/preview")
    def proposal_preview(proposal: UUID) -> Response:
        if console.ruling is not None:
            console.ruling.begin_preview(proposal)
        return RedirectResponse(f"/proposals/{proposal}", 303)

    return routes


def _page(
    console: Console, visit: Visit, proposal_id: UUID, *, problem: str = "", secret: str = ""
) -> Response:
    with console.engine.connect() as connection:
        try:
            found = proposal_of(connection, proposal_id)
        except ProposalError:
            raise RefusedError(404, "error.not_found") from None
    return page(
        console,
        visit,
        "proposal.html",
        status=400 if problem else 200,
        proposal=found,
        of_rules=found.kind in OF_RULES,
        own=found.proposed_by == visit.who.name,
        collectable=may_collect(found, visit),
        problem=problem,
        secret=secret,
    )
