"""`linkage dlq`: records that were not applied, seen, sent again, released or given back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import typer

from infra.cli.failing import fail
from infra.settings import Settings, read_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from consumers.redrive.jobs import Job
    from consumers.redrive.rules import Action, Place, Planned
    from consumers.redrive.selecting import Selection

app = typer.Typer(
    name="dlq", help="Records that were not applied: refused, parked or in conflict.", no_args_is_help=True
)

_Unit = Annotated[str, typer.Option("--unit", help="See only what this unit may see. Default: everything.")]
_Json = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
_Limit = Annotated[int, typer.Option(min=1, max=1000, help="Most rows to show.")]
_Place = Annotated[
    str, typer.Argument(metavar="TOPIC/PARTITION/OFFSET", help="As `linkage dlq list` names it.")
]
_Places = Annotated[
    list[str] | None, typer.Argument(metavar="[TOPIC/PARTITION/OFFSET]…", help="Default: all by the filter.")
]
_Kind = Annotated[str, typer.Option("--kind", help="Only refused, parked or conflict.")]
_Reason = Annotated[str, typer.Option("--reason", help="Only this reason code.")]
_Type = Annotated[str, typer.Option("--type", help="Only this event type.")]
_From = Annotated[str, typer.Option("--from", help="Only what this unit wrote.")]
_Case = Annotated[str, typer.Option("--case", help="Only this case: its id, or unit:number.")]
_By = Annotated[str, typer.Option("--by", envvar="LINKAGE_OPERATOR", help="Who you are; it is kept.")]
_Why = Annotated[str, typer.Option("--why", help="Why; it is kept, and shown to the unit.")]
_Dry = Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each record.")]
_Cap = Annotated[int, typer.Option("--cap", min=1, max=100_000, help="Most records of the job.")]
_Rate = Annotated[int, typer.Option("--rate", min=1, max=10_000, help="Most records a second.")]
_Insist = Annotated[bool, typer.Option("--insist", help="Also what failed several times in the same way.")]
_Job = Annotated[UUID, typer.Argument(metavar="JOB", help="As `linkage dlq jobs` names it.")]


@app.command("list")
def list_quarantine(unit: _Unit = "", limit: _Limit = 100, as_json: _Json = False) -> None:
    """What was not applied and why, the latest first."""
    from consumers.readmodel.queries import quarantine_for  # noqa: PLC0415 - keeps `linkage --help` quick
    from infra.cli import pages  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    settings = read_settings()
    if unit and unit not in read_register(settings).by_code:
        fail(f"{unit!r} is not in the register: see `linkage unit list`")
    with _connection(settings) as connection:
        found = quarantine_for(connection, unit or None, limit=limit)
    pages.show([one.for_others() for one in found], pages.quarantine_page, as_json=as_json)


@app.command("groups")
def groups(as_json: _Json = False) -> None:
    """What is open, by cause, the most pressing first: ranked by the legal time left of the cases."""
    from consumers.redrive import selecting  # noqa: PLC0415 - as above
    from infra.cli import pages, redrive_pages  # noqa: PLC0415

    with _connection(read_settings()) as connection:
        found = selecting.groups(connection)
    pages.show(found, lambda view: redrive_pages.groups_page(view, datetime.now(UTC)), as_json=as_json)


@app.command("show")
def show(
    place: _Place,
    *,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="The whole content; needs --by and --why.")
    ] = False,
    by: _By = "",
    why: _Why = "",
    as_json: _Json = False,
) -> None:
    """One record beside its contract: which field, what was expected. Content is masked unless revealed."""
    from consumers.readmodel.queries import quarantined_record  # noqa: PLC0415 - as above
    from consumers.redrive.comparing import compare  # noqa: PLC0415
    from consumers.redrive.jobs import record_action  # noqa: PLC0415
    from infra.cli import pages, redrive_pages  # noqa: PLC0415

    if reveal and not (by.strip() and why.strip()):
        fail("to see the whole content say who you are and why: --by NAME --why REASON")
    at = _place(place)
    with _connection(read_settings()) as connection:
        found = quarantined_record(connection, at.topic, at.partition, at.offset)
        if found is None:
            fail(f"no record of {place} is in quarantine")
        if reveal:
            record_action(connection, by, "record-revealed", place, why, now=datetime.now(UTC))
            connection.commit()
    if reveal:
        pages.show(found, pages.record_page, as_json=as_json)
        return
    compared = compare(found.value, found.headers)
    pages.show((found.about.for_others(), compared), redrive_pages.comparison_page, as_json=as_json)


@app.command("redrive")
def redrive(
    places: _Places = None, *, kind: _Kind = "", reason: _Reason = "", type_: _Type = "", sender: _From = "",
    case: _Case = "", by: _By = "", why: _Why = "", dry_run: _Dry = False, cap: _Cap = 1000, rate: _Rate = 1000,
    insist: _Insist = False, as_json: _Json = False,
) -> None:  # fmt: skip
    """Send the same bytes again, once the cause is gone: by name, or all that the filter finds."""
    from consumers.redrive.rules import Action  # noqa: PLC0415 - as above

    selection = _selection(places, kind=kind, reason=reason, type_=type_, sender=sender, case=case)
    _begin(
        Action.REDRIVE,
        selection,
        by,
        why,
        dry_run=dry_run,
        cap=cap,
        rate=rate,
        insist=insist,
        as_json=as_json,
    )


@app.command("release")
def release(
    places: Annotated[list[str], typer.Argument(metavar="TOPIC/PARTITION/OFFSET…")],
    *, by: _By = "", why: _Why = "", dry_run: _Dry = False, insist: _Insist = False, as_json: _Json = False,
) -> None:  # fmt: skip
    """Let the unit of a parked event speak for its case: the decision is an event of the case, said by the bus."""
    from consumers.redrive.rules import Action  # noqa: PLC0415 - as above

    selection = _selection(places)
    cap = len(places)
    _begin(
        Action.RELEASE,
        selection,
        by,
        why,
        dry_run=dry_run,
        cap=cap,
        rate=1000,
        insist=insist,
        as_json=as_json,
    )


@app.command("return")
def give_back(
    places: _Places = None, *, kind: _Kind = "", reason: _Reason = "", type_: _Type = "", sender: _From = "",
    case: _Case = "", by: _By = "", why: _Why = "", dry_run: _Dry = False, cap: _Cap = 1000, as_json: _Json = False,
) -> None:  # fmt: skip
    """Give records back to their units, who see the reason beside them: only they can say them anew."""
    from consumers.redrive.rules import Action  # noqa: PLC0415 - as above

    selection = _selection(places, kind=kind, reason=reason, type_=type_, sender=sender, case=case)
    _begin(
        Action.RETURN, selection, by, why, dry_run=dry_run, cap=cap, rate=1000, insist=False, as_json=as_json
    )


@app.command("jobs")
def jobs(
    job: Annotated[UUID | None, typer.Argument(metavar="[JOB]", help="The report of this one.")] = None,
    as_json: _Json = False,
) -> None:
    """What operators had done with such records, or the report of one job."""
    from consumers.redrive import jobs as store  # noqa: PLC0415 - as above
    from infra.cli import pages, redrive_pages  # noqa: PLC0415

    with _connection(read_settings()) as connection:
        if job is None:
            pages.show(store.jobs(connection), redrive_pages.jobs_page, as_json=as_json)
            return
        report = (store.job_of(connection, job), store.items(connection, job))
    pages.show(report, redrive_pages.report_page, as_json=as_json)


@app.command("approve")
def approve(job: _Job, by: _By = "", why: _Why = "", as_json: _Json = False) -> None:
    """Approve a job that another person proposed, and carry it out."""
    _decide(job, by, why, approve=True)
    _carry_out(read_settings(), job, as_json=as_json)


@app.command("reject")
def reject(job: _Job, by: _By = "", why: _Why = "") -> None:
    """Reject a job that another person proposed."""
    _decide(job, by, why, approve=False)
    typer.echo(f"job {job} is rejected.")


@app.command("resume")
def resume(job: _Job, as_json: _Json = False) -> None:
    """Carry out further a job that was interrupted: a crash, a broker or database that was away."""
    _carry_out(read_settings(), job, as_json=as_json)


@app.command("stop")
def stop(job: _Job, by: _By = "", why: _Why = "") -> None:
    """Stop a job: what is sent stays sent, nothing more is."""
    from consumers.redrive import jobs as store  # noqa: PLC0415 - as above

    with _connection(read_settings()) as connection:
        store.stop(connection, job, by=by, reason=why, now=datetime.now(UTC))
        connection.commit()
    typer.echo(f"job {job} is stopped.")


def _begin(
    action: Action, selection: Selection, by: str, why: str, *, dry_run: bool, cap: int, rate: int, insist: bool,
    as_json: bool,
) -> None:  # fmt: skip
    from consumers.redrive import jobs as store  # noqa: PLC0415 - as above
    from infra.cli import pages, redrive_pages  # noqa: PLC0415

    settings = read_settings()
    job = uuid4()
    with _connection(settings) as connection:
        planned = _plan(settings, connection, selection, action, cap=cap, insist=insist)
        if dry_run:
            pages.show(planned, redrive_pages.plan_page, as_json=as_json)
            return
        approval = settings.redrive_approval
        store.propose(
            connection, job, planned, action, by=by, reason=why, rate=rate, needs_approval=approval,
            now=datetime.now(UTC),
        )  # fmt: skip
        connection.commit()
    if approval:
        typer.echo(f"job {job} is proposed: another person runs `linkage dlq approve {job}`.")
        return
    _carry_out(settings, job, as_json=as_json)


def _plan(
    settings: Settings,
    connection: Connection,
    selection: Selection,
    action: Action,
    *,
    cap: int,
    insist: bool,
) -> list[Planned]:
    from consumers.redrive import selecting  # noqa: PLC0415 - as above
    from consumers.redrive.rules import plan  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    register = read_register(settings)
    chosen = selecting.candidates(connection, selection, register, max_bytes=settings.max_event_bytes)
    return plan(chosen, action, siblings=selecting.siblings(connection, chosen), cap=cap, insist=insist)


def _carry_out(settings: Settings, job: UUID, *, as_json: bool) -> None:
    from consumers.redrive.running import Redriver  # noqa: PLC0415 - as above
    from infra.batches import BatchProducer  # noqa: PLC0415
    from infra.cli import pages, redrive_pages  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415
    from infra.kafka import security_options  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    with redrive_pages.progress(quiet=as_json) as report:

        async def run() -> Job:
            async with BatchProducer(
                settings.bootstrap,
                f"{settings.namespace}redrive-{os.getpid()}",
                options=security_options(settings),
            ) as producer:
                redriver = Redriver(
                    settings, read_register(settings), engine(settings), producer,
                    clock=lambda: datetime.now(UTC), report=report,
                )  # fmt: skip
                return await redriver.carry_out(job)

        done = asyncio.run(run())
    pages.show([done], redrive_pages.jobs_page, as_json=as_json)
    if done.items.get("failed") or done.items.get("held"):
        raise typer.Exit(1)


def _decide(job: UUID, by: str, why: str, *, approve: bool) -> None:
    from consumers.redrive import jobs as store  # noqa: PLC0415 - as above

    with _connection(read_settings()) as connection:
        store.decide(connection, job, by=by, approve=approve, reason=why, now=datetime.now(UTC))
        connection.commit()


def _selection(
    places: list[str] | None,
    *,
    kind: str = "",
    reason: str = "",
    type_: str = "",
    sender: str = "",
    case: str = "",
) -> Selection:
    from consumers.readmodel.http import parse_case  # noqa: PLC0415 - as above
    from consumers.redrive.selecting import Selection  # noqa: PLC0415

    if not (places or kind or reason or type_ or sender or case):
        fail("name records, or a filter such as --reason: everything at once is never meant")
    try:
        wanted = parse_case(case) if case else None
    except ValueError as error:
        fail(str(error))
    return Selection(
        places=[_place(place) for place in places or ()],
        kind=kind or None,
        reason=reason or None,
        type=type_ or None,
        owner=sender or None,
        case_id=wanted,
        open_only=not places,
    )


@contextmanager
def _connection(settings: Settings) -> Iterator[Connection]:
    from infra.database import engine  # noqa: PLC0415 - as above

    connector: Engine = engine(settings, pool=1)
    with connector.connect() as connection:
        yield connection


def _place(text: str) -> Place:
    from consumers.redrive.rules import Place  # noqa: PLC0415 - as above

    try:
        return Place.named(text)
    except ValueError as error:
        fail(str(error))
