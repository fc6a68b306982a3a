"""Special supervision campaigns (专项监督): a saved filter with a goal, who takes part, and how far they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from consumers.bulletins.figures import FIGURE_BY_CODE
from consumers.bulletins.sight import Sight
from consumers.casefile import ClockKind, ClockState
from consumers.handovers.statutes import STATUTES
from consumers.readmodel import scope
from consumers.readmodel.views import CaseName
from infra.bulletin_tables import campaign_members, campaigns, counted_lines
from infra.tables import cases, clocks, events
from schemas.fields import FIELD_BY_CODE
from schemas.identity import derived_id
from schemas.spans import CHINA

MOST_LISTED = 100
_RULES = frozenset(row.code for row in STATUTES)
_A_DAY = timedelta(days=1)


class Aim(StrEnum):
    """What counts towards the goal."""

    FIGURE = "figure"  # a number of the table of figures
    RULE = "rule"  # limits of one rule that were kept in time


class NotBegun(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """A campaign that cannot be begun; `code`: no_name, no_goal, no_dates, no_aim, no_field, no_members."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Filter:
    """What counts: of `about` (a figure or a rule), in these days, both included. Empty: any."""

    aim: Aim
    about: str
    first: date
    last: date
    field: str = ""
    offence: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign as somebody wants it. `owner` None: the operators run it."""

    name: str
    owner: str | None
    district: str
    goal: int
    filter: Filter
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as it stands."""

    id: UUID
    plan: Plan
    begun_by: str
    begun_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reached:
    """One case that counts; `case` None: the reader may see nothing of it."""

    case: CaseName | None
    unit: str
    day: date


def campaign_id(district: str, by: str, now: datetime, name: str) -> UUID:
    """The id of the campaign of this name that somebody begins on the day of the aware time `now`."""
    return derived_id("campaign", f"{district} {by} {now.astimezone(CHINA).date()}", name)


def begin(
    connection: Connection, plan: Plan, district_units: Collection[str], *, by: str, now: datetime
) -> UUID:
    """Begins a campaign, once however often the same plan is sent on one day. The caller commits. Raises NotBegun."""
    _check(plan, district_units)
    identity = campaign_id(plan.district, by, now, plan.name)
    wanted = plan.filter
    row = insert(campaigns).values(
        campaign_id=identity,
        name=plan.name,
        owner=plan.owner,
        district=plan.district,
        aim=wanted.aim.value,
        about=wanted.about,
        goal=plan.goal,
        first_day=wanted.first,
        last_day=wanted.last,
        field=wanted.field,
        offence=wanted.offence,
        begun_by=by,
        begun_at=now,
    )
    connection.execute(row.on_conflict_do_nothing())
    change_members(connection, identity, plan.members, now=now)
    return identity


def change_members(connection: Connection, campaign_id: UUID, units: Sequence[str], *, now: datetime) -> None:
    """Makes exactly these units take part. The caller commits."""
    column = campaign_members.c
    others = (column.campaign_id == campaign_id) & column.unit.not_in(units)
    connection.execute(delete(campaign_members).where(others))
    for unit in units:
        row = insert(campaign_members).values(campaign_id=campaign_id, unit=unit, added_at=now)
        connection.execute(row.on_conflict_do_nothing())


def close(connection: Connection, campaign_id: UUID, *, now: datetime) -> None:
    """Ends a campaign; one that has ended stays as it is. The caller commits."""
    running = (campaigns.c.campaign_id == campaign_id) & campaigns.c.closed_at.is_(None)
    connection.execute(update(campaigns).where(running).values(closed_at=now))


def listed(connection: Connection, sight: Sight) -> list[Campaign]:
    """The campaigns that the reader's units take part in or run, the latest first."""
    rows = select(campaigns).where(_seen(sight))
    rows = rows.order_by(campaigns.c.begun_at.desc(), campaigns.c.campaign_id).limit(MOST_LISTED)
    return _with_members(connection, connection.execute(rows).all())


def one(connection: Connection, campaign_id: UUID, sight: Sight) -> Campaign | None:
    """One campaign; None if there is none of that id for the reader."""
    rows = select(campaigns).where(campaigns.c.campaign_id == campaign_id, _seen(sight))
    return next(iter(_with_members(connection, connection.execute(rows).all())), None)


def progress(connection: Connection, campaign: Campaign) -> Mapping[str, int]:
    """How many each member has reached."""
    unit, _, wanted, source = _counting(campaign.plan)
    rows = select(unit, func.count()).select_from(source).where(wanted).group_by(unit)
    reached = dict(connection.execute(rows).all())
    return {member: reached.get(member, 0) for member in campaign.plan.members}


def reached(
    connection: Connection, campaign: Campaign, units: Sequence[str], reader: str | None
) -> list[Reached]:
    """The latest cases that count for these units; those that `reader` may not see are without their name."""
    unit, day, wanted, source = _counting(campaign.plan)
    seen = (
        true()
        if reader is None
        else select(events.c.log_offset)
        .where(events.c.case_id == cases.c.case_id, scope.events_for(reader))
        .correlate_except(events)
        .exists()
    )
    rows = (
        select(unit, day, cases.c.case_id, cases.c.origin_unit, cases.c.origin_case, seen)
        .select_from(source)
        .where(wanted, unit.in_(units))
        .order_by(day.desc(), cases.c.case_id)
        .limit(MOST_LISTED)
    )
    return [
        Reached(CaseName(case_id, origin, number) if shown else None, who, _day(when))
        for who, when, case_id, origin, number, shown in connection.execute(rows)
    ]


def _counting(plan: Plan) -> tuple[ColumnElement[str], ColumnElement[Any], ColumnElement[bool], Any]:
    """(unit, day, condition, tables) of what counts for the members."""
    wanted = plan.filter
    of_case = and_(
        cases.c.offence == wanted.offence if wanted.offence else true(),
        cases.c.field == wanted.field if wanted.field else true(),
    )
    if wanted.aim is Aim.FIGURE:
        column = counted_lines.c
        within = and_(
            column.figure == wanted.about,
            column.unit.in_(plan.members),
            column.day >= wanted.first,
            column.day <= wanted.last,
        )
        source = counted_lines.join(cases, cases.c.case_id == column.case_id)
        return column.unit, column.day, and_(within, of_case), source
    begin, end = (
        datetime(day.year, day.month, day.day, tzinfo=CHINA) for day in (wanted.first, wanted.last + _A_DAY)
    )
    kept = and_(
        clocks.c.rule == wanted.about,
        clocks.c.kind == ClockKind.DEADLINE.value,
        clocks.c.state == ClockState.MET.value,
        clocks.c.holder.in_(plan.members),
        clocks.c.due_to >= begin,
        clocks.c.due_to < end,
    )
    source = clocks.join(cases, cases.c.case_id == clocks.c.case_id)
    return clocks.c.holder, clocks.c.due_to, and_(kept, of_case), source


def _day(when: date | datetime) -> date:
    return when.astimezone(CHINA).date() if isinstance(when, datetime) else when


def _seen(sight: Sight) -> ColumnElement[bool]:
    if sight.units is None:
        return true()
    takes_part = select(campaign_members.c.unit).where(
        campaign_members.c.campaign_id == campaigns.c.campaign_id, campaign_members.c.unit.in_(sight.units)
    )
    return or_(campaigns.c.owner.in_(sight.units), takes_part.exists())


def _with_members(connection: Connection, rows: Sequence[Any]) -> list[Campaign]:
    column = campaign_members.c
    wanted = select(column.campaign_id, column.unit).where(
        column.campaign_id.in_([row.campaign_id for row in rows])
    )
    members: dict[UUID, list[str]] = {}
    for campaign_id, unit in connection.execute(wanted.order_by(column.unit)):
        members.setdefault(campaign_id, []).append(unit)
    return [_campaign(row, tuple(members.get(row.campaign_id, ()))) for row in rows]


def _campaign(row: Any, members: tuple[str, ...]) -> Campaign:
    wanted = Filter(Aim(row.aim), row.about, row.first_day, row.last_day, row.field, row.offence)
    plan = Plan(row.name, row.owner, row.district, row.goal, wanted, members)
    return Campaign(row.campaign_id, plan, row.begun_by, row.begun_at, row.closed_at)


def _check(plan: Plan, district_units: Collection[str]) -> None:
    wanted = plan.filter
    known: Collection[str] = FIGURE_BY_CODE if wanted.aim is Aim.FIGURE else _RULES
    flaws = {
        "no_name": not plan.name or len(plan.name) > 100,
        "no_goal": not 1 <= plan.goal <= 1_000_000,
        "no_dates": wanted.last < wanted.first,
        "no_aim": wanted.about not in known,
        "no_field": bool(wanted.field) and wanted.field not in FIELD_BY_CODE,
        "no_members": not plan.members or not set(plan.members) <= set(district_units),
    }
    for code, wrong in flaws.items():
        if wrong:
            raise NotBegun(code)
