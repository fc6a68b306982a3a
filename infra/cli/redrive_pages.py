"""How the command line shows what may be done with records that were not applied, and how far a job has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from consumers.readmodel.views import Quarantined
from consumers.redrive.comparing import Comparison, Line
from consumers.redrive.jobs import Item, Job
from consumers.redrive.rules import Group as Cause
from consumers.redrive.rules import Planned, verdict_counts
from infra.cli.tables import china_time, new_table


def groups_page(found: Sequence[Cause], now: datetime) -> RenderableType:
    """Open records by cause."""
    if not found:
        return "Nothing is open."
    table = new_table("legal time left", "records", "kind, reason", "type", "from", "since")
    for one in found:
        left = Text("no limit known") if one.due is None else _left(one.due - now)
        cause = f"{one.kind}\n{one.reason}"
        table.add_row(left, str(one.count), cause, one.type or "?", one.owner or "?", china_time(one.oldest))
    return table


def comparison_page(shown: tuple[Quarantined, Comparison]) -> RenderableType:
    """One record beside its contract."""
    about, compared = shown
    head = (
        f"{about.topic}/{about.partition}/{about.offset}   {about.kind}, from {about.owner or '?'}\n"
        f"{about.reason}: {about.detail}\ncontract: {compared.contract or 'none can be told'}"
    )
    problems = "\n".join(f"! {problem}" for problem in compared.problems)
    return Group(
        Text(head),
        Text(problems, style="yellow"),
        _lines("header", compared.envelope),
        _lines("field", compared.fields),
    )


def plan_page(planned: Sequence[Planned]) -> RenderableType:
    """What would become of each record."""
    if not planned:
        return "Nothing is chosen."
    table = new_table("record", "event", "verdict", "more")
    for one in planned:
        event = "/".join(one.candidate.identity) if one.candidate.identity else ""
        table.add_row(str(one.candidate.place), event, one.verdict.value, Text(one.detail))
    counts = ", ".join(f"{number} {verdict}" for verdict, number in verdict_counts(planned).items())
    return Group(table, Text(f"{len(planned)} records: {counts}"))


def jobs_page(found: Sequence[Job]) -> RenderableType:
    """Jobs and how far they have come."""
    if not found:
        return "No job was made yet."
    table = new_table("job", "what", "state", "records", "by", "why")
    for one in found:
        counts = "\n".join(f"{number} {state}" for state, number in sorted(one.items.items()))
        who = "\n".join(name for name in (one.proposed_by, one.decided_by) if name)
        what = f"{one.action.value}\n{china_time(one.proposed_at)}"
        table.add_row(str(one.id), what, one.state.value, counts, Text(who), Text(one.reason))
    return table


def report_page(report: tuple[Job, Sequence[Item]]) -> RenderableType:
    """One job and its records."""
    job, items = report
    table = new_table("record", "event", "state", "outcome", "since")
    for one in items:
        event = f"{one.source}/{one.event_id}" if one.source else ""
        table.add_row(one.place, event, one.state, one.outcome, china_time(one.changed_at))
    return Group(jobs_page([job]), table)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[Job], None]]:
    """A progress bar on standard error, moved by each job that the returned function is given."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
        task = bar.add_task("redrive", total=None)

        def report(job: Job) -> None:
            bar.update(task, description=job.action.value, completed=job.settled, total=job.total)

        yield report


def _lines(name: str, lines: Sequence[Line]) -> Table:
    table = new_table(name, "expected", "found", "problem")
    for line in lines:
        told = f"{line.name}\n{line.about}" if line.about else line.name
        table.add_row(Text(told), Text(line.expected), Text(line.found), Text(line.problem, style="yellow"))
    return table


def _left(span: timedelta) -> Text:
    hours = abs(span) // timedelta(hours=1)
    told = f"{hours // 24} d {hours % 24} h"
    return Text(f"overdue by {told}", style="red") if span < timedelta(0) else Text(told)
