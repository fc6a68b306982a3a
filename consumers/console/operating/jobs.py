"""The page of one job: how far it is, what failed and why, who decided; a second person decides here."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from consumers.console.desk import Console, CurrentVisit, Visit
from consumers.console.entrance.signing_in import Text
from consumers.console.gate import RefusedError
from consumers.console.rendering import page
from consumers.redrive import jobs
from consumers.redrive.jobs import JobError, JobState

_TROUBLED = ("failed", "held", "waiting", "sent")


def router(console: Console) -> APIRouter:
    """The routes of jobs."""
    routes = APIRouter()

    @routes.get("/dead-letters/jobs/{job}")
    def redrive_job(visit: CurrentVisit, job: UUID) -> Response:
        return _page(console, visit, job)

    @routes.post("/dead-letters/jobs/{job}")
    def redrive_job_change(
        visit: CurrentVisit, job: UUID, *, decision: Text = "", reason: Text = ""
    ) -> Response:
        try:
            _decide(console, visit, job, decision, reason)
        except JobError as error:
            return _page(console, visit, job, problem=str(error))
        if decision in ("approve", "resume") and console.operating is not None:
            console.operating.begin(job)
        return RedirectResponse(f"/dead-letters/jobs/{job}", 303)

    return routes


def _decide(console: Console, visit: Visit, job: UUID, decision: str, reason: str) -> None:
    who, now = visit.who.name, visit.now
    with console.engine.begin() as connection:
        if decision in ("approve", "reject"):
            jobs.decide(connection, job, by=who, approve=decision == "approve", reason=reason, now=now)
        elif decision == "stop":
            jobs.stop(connection, job, by=who, reason=reason, now=now)
        elif decision == "resume":
            jobs.record_action(connection, who, "job-resumed", str(job), reason, now=now)
        else:
            raise RefusedError(400, "error.address")


def _page(console: Console, visit: Visit, job_id: UUID, *, problem: str = "") -> Response:
    with console.engine.connect() as connection:
        try:
            job = jobs.job_of(connection, job_id)
        except JobError:
            raise RefusedError(404, "error.not_found") from None
        troubled = jobs.items(connection, job_id, states=_TROUBLED, limit=100)
    answer = page(
        console,
        visit,
        "redrive_job.html",
        status=400 if problem else 200,
        job=job,
        troubled=troubled,
        own=job.proposed_by == visit.who.name,
        problem=problem,
    )
    if visit.partial and job.state is not JobState.APPROVED:
        answer.headers["HX-Refresh"] = (
            "true"  # the looks at its progress end, and so does the offer to resume it
        )
    return answer
