"""The page of rules and calendar: what is in force, what is proposed, and which processes decide by it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, File, Form
from fastapi.responses import RedirectResponse, Response

from consumers.administration.proposals import OF_RULES, Asked, Kind, ProposalError, latest
from consumers.console.administering.acting import ask
from consumers.console.desk import Console, CurrentVisit, Ruling, Visit
from consumers.console.entrance.signing_in import Text
from consumers.console.gate import RefusedError
from consumers.console.rendering import page
from consumers.explaining.profiles import known_profiles
from consumers.handovers.open_points import OPEN_POINTS, answered
from consumers.handovers.open_points import words_of as point_words
from consumers.handovers.statutes import STATUTES

LARGEST_FILE = 256 * 1024
"""Bytes of an uploaded edition."""


def router(console: Console) -> APIRouter:
    """The routes of rules."""
    routes = APIRouter()

    @routes.get("/rules", name="rules")
    def shown(visit: CurrentVisit) -> Response:
        return _page(console, visit)

    @routes.post("/rules")
    def rules_change(
        visit: CurrentVisit, *,
        kind: Text = "", proposal: Text = "", reason: Text = "",
        profiles: Annotated[list[str] | None, Form()] = None,
        edition: Annotated[bytes, File()] = b"",
    ) -> Response:  # fmt: skip
        if console.ruling is None:
            raise RefusedError(404, "error.not_found")
        try:
            wanted, proposal_id = Kind(kind), UUID(proposal)
        except ValueError:  # nothing that the page offers
            return _page(console, visit, problem="error.address")
        try:
            body = _body(console.ruling, visit, wanted, profiles or [], edition)
            ask(console, visit, Asked(proposal_id, wanted, "", reason, body))
        except ProposalError as error:
            return _page(console, visit, problem=str(error))
        console.ruling.begin_preview(proposal_id)
        return RedirectResponse(f"/proposals/{proposal_id}", 303)

    return routes


def _body(ruling: Ruling, visit: Visit, kind: Kind, profiles: list[str], edition: bytes) -> dict[str, object]:
    if kind is Kind.PROFILES:
        return dict(ruling.profiles_body(profiles))
    if kind is not Kind.CALENDAR:
        raise ProposalError("本页只受理规则与日历 — this page takes rules and calendar only")
    if len(edition) > LARGEST_FILE:
        raise ProposalError(f"文件过大 — the file has more than {LARGEST_FILE} bytes")
    try:
        return dict(ruling.calendar_body(edition.decode("utf-8-sig"), visit.now))
    except UnicodeDecodeError:
        raise ProposalError("文件不是 UTF-8 文本 — the file is no text in UTF-8") from None


def _page(console: Console, visit: Visit, *, problem: str = "") -> Response:
    rulebook, ruling = console.rulebook, console.ruling
    points = [answered(point, rulebook.profiles, rulebook.signed) for point in OPEN_POINTS]
    with console.engine.connect() as connection:
        asked = [one for one in latest(connection, subject="") if one.kind in OF_RULES]
        processes = [] if ruling is None else ruling.running(connection)
    return page(
        console,
        visit,
        "rules.html",
        status=400 if problem else 200,
        calendar=rulebook.calendar,
        profiles=sorted(known_profiles()),
        on=rulebook.profiles,
        points=[(point_words(one), one.signed is not None) for one in points],
        statutes=sorted(STATUTES, key=lambda one: one.key),
        processes=processes,
        proposals=asked,
        proposing=ruling is not None,
        fresh=uuid4,
        problem=problem,
    )
