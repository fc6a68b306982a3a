"""Who may see which row: a unit sees what it said and what was delivered to it, an operator everything."""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    any_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union,
)

from infra.exchange_tables import exchanges
from infra.notice_tables import notices
from infra.tables import clocks, events, feed_entries, feed_positions, feeds, mirrors, quarantine
from schemas.units import Register

Unit = str | None
"""A unit's code; None is an operator with access to the database, who sees everything."""
FEW = 10_000
"""Events of which a unit that sees little has said, and got, no more: both ways then take some 0.1 s."""


def events_for(unit: Unit) -> ColumnElement[bool]:
    """Restricts `events`: said by `unit`, or delivered to it."""
    if unit is None:
        return true()
    delivered = exists().where(
        feed_entries.c.partition == events.c.partition,
        feed_entries.c.log_offset == events.c.log_offset,
        feed_entries.c.unit == unit,
    )
    return or_(events.c.source == unit, delivered)


def clocks_for(unit: Unit) -> ColumnElement[bool]:
    """Restricts `clocks`: `unit` is the holder, or may see the event that started it."""
    if unit is None:
        return true()
    # With a limit it is looked up for each clock: the planner would rather read a feed of half a million first.
    delivered = (
        select(literal(value=True))
        .where(
            feed_entries.c.partition == clocks.c.partition,
            feed_entries.c.log_offset == clocks.c.started_offset,
            feed_entries.c.unit == unit,
        )
        .limit(1)
        .correlate(clocks)
        .scalar_subquery()
    )
    return or_(clocks.c.holder == unit, clocks.c.started_source == unit, delivered)


def clocks_among(unit: str, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Restricts `clocks` like `clocks_for`, among those of `which`, beginning with the unit's events.

    Quick for a unit with few of them, where looking at each clock in turn would look at nearly all in vain. What
    is decided but has no number in its feed yet comes with the number.
    """
    starts = and_(
        clocks.c.case_id == events.c.case_id,
        clocks.c.started_source == events.c.source,
        clocks.c.started_id == events.c.event_id,
    )
    position = feed_positions.c
    same = and_(events.c.partition == position.partition, events.c.log_offset == position.log_offset)
    got = feed_positions.join(events, same).join(clocks, starts)
    return clocks.c.clock_id.in_(
        union(
            select(clocks.c.clock_id).where(clocks.c.holder == unit, which),
            select(clocks.c.clock_id).join(events, starts).where(events.c.source == unit),
            select(clocks.c.clock_id).select_from(got).where(position.unit == unit),
        )
    )


def sees_little(connection: Connection, unit: str) -> bool:
    """Whether so few events were said by the unit or delivered to it that beginning with them is quick."""
    said = select(events.c.event_id).where(events.c.source == unit).limit(FEW + 1).subquery()
    got = select(feeds.c.assigned).where(feeds.c.unit == unit).scalar_subquery()
    counted = select(select(func.count()).select_from(said).scalar_subquery(), func.coalesce(got, 0))
    most: int = max(connection.execute(counted).one())
    return most <= FEW


def mirrors_for(unit: Unit) -> ColumnElement[bool]:
    """Restricts `mirrors`: `unit` has to decide on it, or gave the opinion."""
    if unit is None:
        return true()
    return or_(mirrors.c.unit == unit, mirrors.c.opinion_source == unit)


def deliveries_for(unit: Unit) -> ColumnElement[bool]:
    """Restricts `feed_entries` joined with `events`: its own, and all of what `unit` itself said."""
    if unit is None:
        return true()
    return or_(feed_entries.c.unit == unit, events.c.source == unit)


def quarantine_for(unit: Unit) -> ColumnElement[bool]:
    """Restricts `quarantine`: written by `unit`."""
    return true() if unit is None else and_(quarantine.c.owner == unit)


def exchanges_for(unit: Unit) -> ColumnElement[bool]:
    """Restricts `exchanges`, which has rows of its own for each who sees an exchange."""
    return exchanges.c.viewer == (unit or "")


def notices_for(unit: Unit, register: Register) -> ColumnElement[bool]:
    """Restricts `notices`: addressed to `unit` or to a kind of unit that it is, or published by it."""
    if unit is None:
        return true()
    known = register.by_code.get(unit)
    kinds = [] if known is None else sorted(role.value for role in known.roles)
    to_unit = literal(unit) == any_(notices.c.units)
    return or_(notices.c.unit == unit, to_unit, notices.c.roles.overlap(kinds))
