"""The page of what was not applied: by cause, beside the contract, and what an operator may do with it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.entrance.signing_in import Text
from consumers.console.gate import RefusedError
from consumers.console.rendering import page
from consumers.readmodel.queries import quarantined_record
from consumers.redrive import jobs, selecting
from consumers.redrive.comparing import compare
from consumers.redrive.jobs import JobError
from consumers.redrive.rules import Action, Place, Planned, Verdict, plan
from consumers.redrive.selecting import Selection
from infra.settings import Settings

CAP = 10_000
"""Most records of one job from the console; what is over it stays for the next."""
RATE = 1_000
_SHOWN = 100
_LATEST_JOBS = 10

_Code = Annotated[str, Query(max_length=100)]
_Places = Annotated[list[str], Form(max_length=_SHOWN)]


def router(console: Console) -> APIRouter:
    """The routes of dead letters and quarantine."""
    routes = APIRouter()

    @routes.get("/dead-letters", name="dead_letters")
    def shown(
        visit: CurrentVisit,
        kind: _Code = "",
        reason: _Code = "",
        type_: Annotated[str, Query(alias="type", max_length=100)] = "",
        owner: _Code = "",
    ) -> Response:
        return _page(console, visit, _selection(kind, reason, type_, owner))

    @routes.get("/dead-letters/record")
    def dead_letter(
        visit: CurrentVisit,
        topic: Annotated[str, Query(max_length=250)] = "",
        partition: Annotated[int, Query(ge=0, lt=2**31)] = 0,
        offset: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    ) -> Response:
        with console.engine.connect() as connection:
            found = quarantined_record(connection, topic, partition, offset)
            if found is None:
                raise RefusedError(404, "error.not_found")
            place = Place(topic, partition, offset)
            planned = [
                (
                    action,
                    planned_of(console, connection, Selection(places=[place], open_only=False), action)[0],
                )
                for action in Action
            ]
        return page(
            console,
            visit,
            "dead_letter.html",
            about=found.about.for_others(),
            compared=compare(found.value, found.headers),
            planned=planned,
            job=uuid4(),
        )

    @routes.post("/dead-letters")
    def dead_letters_change(
        visit: CurrentVisit, *, action: Text = "", job: Text = "", reason: Text = "", place: _Places = [],  # noqa: B006
        kind: Text = "", code: Text = "", type: Text = "", owner: Text = "",  # noqa: A002
    ) -> Response:  # fmt: skip
        """Proposes a job for the records that are named, or without any for all that the filter selects."""
        try:
            wanted, job_id = Action(action), UUID(job)
            named = [Place.named(one) for one in place]
        except ValueError:  # nothing that the page offers
            return _page(console, visit, Selection(), problem="error.address")
        selection = Selection(places=named, open_only=False) if named else _selection(kind, code, type, owner)
        if not _chosen(selection):  # or everything that is open would go
            return _page(console, visit, selection, problem="error.address")
        try:
            approved = _propose(console, visit, job_id, selection, action=wanted, reason=reason)
        except JobError as error:
            return _page(console, visit, selection, problem=str(error))
        if approved and console.operating is not None:
            console.operating.begin(job_id)
        return RedirectResponse(f"/dead-letters/jobs/{job_id}", 303)

    return routes


def planned_of(
    console: Console,
    connection: Connection,
    selection: Selection,
    action: Action,
    *,
    limit: int | None = None,
) -> list[Planned]:
    """What `action` would do with each selected record, or the first of them."""
    register = console.rulebook.register
    most = (
        console.operating.max_bytes if console.operating else Settings.model_fields["max_event_bytes"].default
    )
    chosen = selecting.candidates(connection, selection, register, max_bytes=most, limit=limit)
    return plan(chosen, action, siblings=selecting.siblings(connection, chosen), cap=CAP)


def _page(console: Console, visit: Visit, selection: Selection, *, problem: str = "") -> Response:
    chosen = _chosen(selection)
    with console.engine.connect() as connection:
        groups = selecting.groups(connection)
        planned = planned_of(console, connection, selection, Action.REDRIVE, limit=_SHOWN) if chosen else []
        total = sum(group.count for group in selecting.groups(connection, selection)) if chosen else 0
        latest = jobs.jobs(connection, limit=_LATEST_JOBS)
    return page(
        console,
        visit,
        "dead_letters.html",
        status=400 if problem else 200,
        groups=groups,
        selection=selection,
        chosen=chosen,
        planned=planned,
        all=total,
        ready=sum(one.verdict is Verdict.READY for one in planned),
        jobs=latest,
        job=uuid4(),
        problem=problem,
    )


def _propose(
    console: Console, visit: Visit, job_id: UUID, selection: Selection, *, action: Action, reason: str
) -> bool:
    """Makes the job; whether it may run at once. A form that is sent twice makes one job."""
    needs_approval = console.operating is not None and console.operating.needs_approval
    with console.engine.begin() as connection:
        planned = planned_of(console, connection, selection, action)
        jobs.propose(
            connection, job_id, planned, action, by=visit.who.name, reason=reason, rate=RATE,
            needs_approval=needs_approval, now=visit.now,
        )  # fmt: skip
    return not needs_approval


def _chosen(selection: Selection) -> bool:
    """Whether it names anything: otherwise it selects all."""
    return any((selection.kind, selection.reason, selection.type, selection.owner, selection.places))


def _selection(kind: str, reason: str, type_: str, owner: str) -> Selection:
    return Selection(kind=kind or None, reason=reason or None, type=type_ or None, owner=owner or None)
