"""An account as text for people, in Chinese or English. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from consumers.explaining.account import (
    Account,
    Basis,
    ClockEffect,
    LimitLooked,
    MirrorEffect,
    NotMirrored,
    PackageDocument,
    Received,
    StateLabel,
    TrackChange,
    UnitName,
    WhyNot,
)
from consumers.explaining.phrases import PHRASES, phrase
from schemas.spans import CHINA


class _Bilingual(Protocol):
    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def text_of(account: Account, language: str) -> str:
    """The whole account; `language` is `zh` or `en`. Sections with nothing to say are left out."""
    return "\n".join(_Writer(language).lines(account)) + "\n"


class _Writer:
    """Writes one account in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def lines(self, account: Account) -> Iterator[str]:
        yield from self._head(account)
        yield from self._section("tracks", (self._track(one) for one in account.tracks if _moves(one)))
        roles = (f"{one.role}: {one.before or '–'} → {one.after or '–'}" for one in account.roles)
        yield from self._section("roles", roles)
        yield from self._section(
            "received", (line for one in account.received for line in self._received(one))
        )
        if account.unheard is not None:
            yield from self._section("unheard", [self._say(account.unheard)])
        yield from self._section(
            "not_received",
            (
                f"{self._unit(one.unit)}: {'; '.join(self._why(reason) for reason in one.reasons)}"
                for one in account.not_received
            ),
        )
        unfilled = (f"{self._say(one.to)} ({self._word(one.delivery)}): {self._basis(one.basis)}"
                    for one in account.unfilled)  # fmt: skip
        yield from self._section("unfilled", unfilled)
        yield from self._section("mirrors", (self._mirror(one) for one in account.mirrors))
        yield from self._section("not_mirrored", (self._not_mirrored(one) for one in account.not_mirrored))
        yield from self._section("clocks", (line for one in account.clocks for line in self._clock(one)))
        yield from self._section("off", (self._limit(one) for one in _off(account.limits)))
        yield from self._section("documents", (self._document(one) for one in account.documents))
        yield from self._section("anomalies", (f"{one.code}: {self._say(one)}" for one in account.anomalies))
        yield from self._section("says", (f"{one.type} {self._say(one)} {one.about}" for one in account.says))

    def _head(self, account: Account) -> Iterator[str]:
        event, facts, rules = account.event, account.facts, account.rules
        yield f"{event.source}/{event.id}  {event.type} {self._say(event)}"
        yield f"{self._word('case')}: {account.case.unit} {account.case.number}  ({account.case.id})"
        yield (
            f"{self._word('occurred')}: {_time(account.occurred_at)} ({account.precision})   "
            f"{self._word('recorded')}: {_time(account.recorded_at)}"
        )
        profiles = ", ".join(rules.profiles) or "–"
        yield (
            f"{self._word('rules')}: {self._word('tables')} {rules.tables} · {self._word('calendar')} "
            f"{rules.calendar} · {self._word('register')} {rules.units} · {self._word('profiles')} {profiles}"
        )
        roles = " ".join(f"{role}={unit}" for role, unit in facts.roles.items())
        late = f" · {self._word('late')}" if facts.late else ""
        yield (
            f"{self._word('facts')}: {self._word('field')} {facts.field or '–'} · {self._word('offence')} "
            f"{facts.offence or '–'} · {roles}{late}"
        )
        yield f"{self._word('outcome')}: {self._word(account.outcome.value)}"
        if account.held is not None:
            yield f"  {account.held.code}: {self._say(account.held)}"

    def _section(self, title: str, lines: Iterable[str]) -> Iterator[str]:
        filled = list(lines)
        if filled:
            yield f"\n{self._word(title)}"
            yield from (f"  {line}" for line in filled)

    def _track(self, track: TrackChange) -> str:
        moved = f"{self._state(track.before)} → {self._state(track.after)}"
        how = "" if track.how is None else f"  {self._word(track.how)}"
        condition = "" if track.condition is None else f"  [{self._say(track.condition)}]"
        read = ""
        if track.read_from is not None and track.read_to is not None and track.read_from != track.before:
            place = "read_for_party" if track.of_party else "read_in_place"
            read = (f"  ({self._word(place)} {self._state(track.read_from)}"
                    f" → {self._state(track.read_to)})")  # fmt: skip
        return f"{self._say(track.name)}: {moved}{how}{condition}{read}"

    def _received(self, one: Received) -> Iterator[str]:
        yield f"{self._unit(one.unit)}: {self._word(one.delivery)}, {self._basis(one.basis)}"
        because = []
        if one.condition is not None:
            because.append(f"{self._word('because')} {self._say(one.condition)}")
        if one.since is not None:
            because.append(f"{self._word('since')} {one.since}")
        because += [f"{name}={value}" for name, value in one.facts.items()]
        if because:
            yield f"    {' · '.join(because)}"
        yield from (f"    {self._word('also')} {self._basis(basis)}" for basis in one.also)
        if one.hidden:
            yield f"    {self._word('hidden')}: {', '.join(one.hidden)}"

    def _clock(self, clock: ClockEffect) -> Iterator[str]:
        office = f" {self._word('office')}" if clock.office else ""
        yield (
            f"{clock.rule} ({clock.version}) {self._say(clock.duty)}{office}: {self._word(clock.change.value)}, "
            f"{self._word('holder')} {self._unit(clock.holder)}"
        )
        yield f"    {self._basis(clock.basis)}"
        yield f"    {self._word('state')} {self._word(clock.state)} · {self._word('due')} {self._due(clock)}"
        if clock.overrun_seconds:
            yield f"    {self._word('overrun')} {clock.overrun_seconds} s"
        yield from (f"    {number}. {self._say(step)}" for number, step in enumerate(clock.steps, start=1))
        yield from (f"    {self._word('open_point')} {self._say(one)}" for one in clock.open_points)

    def _due(self, clock: ClockEffect) -> str:
        if clock.due_to is None:
            return self._word("not_known")
        due = _time(clock.due_to)
        if clock.due_from != clock.due_to and clock.due_from is not None:
            due = f"{_time(clock.due_from)} … {due}"
        remarks = [
            self._word(name)
            for name, holds in (
                ("provisional", clock.provisional),
                ("not_certain", not clock.certain),
                ("assumed_start", clock.assumed_start),
            )
            if holds
        ]
        moved = f" ({self._word('was_due')} {_time(clock.was_due_to)})" if clock.was_due_to else ""
        return " · ".join((due + moved, *remarks))

    def _limit(self, limit: LimitLooked) -> str:
        why = "" if limit.reason is None else self._why(limit.reason)
        row = limit.limit
        return f"{row.rule} ({row.version}) {self._say(row.duty)}: {why}, {self._basis(row.basis)}"

    def _document(self, one: PackageDocument) -> str:
        state = self._word("missing") if one.supplied_by is None else one.supplied_by
        return f"{self._say(one)}: {state}, {self._basis(one.basis)}"

    def _mirror(self, mirror: MirrorEffect) -> str:
        basis = "" if mirror.basis is None else f", {self._basis(mirror.basis)}"
        return f"{self._unit(mirror.unit)}: {self._word(mirror.state)}, {mirror.reason}{basis}"

    def _not_mirrored(self, one: NotMirrored) -> str:
        return f"{one.role if one.unit is None else self._unit(one.unit)}: {self._why(one.reason)}"

    def _why(self, reason: WhyNot) -> str:
        basis = "" if reason.basis is None else f" ({self._basis(reason.basis)})"
        return f"{self._say(reason)}{basis}"

    def _unit(self, unit: UnitName) -> str:
        name = self._say(unit)
        return f"{name} ({unit.code})" if name else unit.code

    def _basis(self, basis: Basis) -> str:
        return f"{self._say(basis)} [{basis.mark}]"

    def _state(self, state: StateLabel) -> str:
        return f"{self._say(state)} {state.code}".rstrip()

    def _say(self, words: _Bilingual) -> str:
        return words.zh if self._language == "zh" else words.en

    def _word(self, name: str) -> str:
        return phrase(name, self._language) if name in PHRASES else name


def _moves(track: TrackChange) -> bool:
    return track.before != track.after or track.how is not None


def _off(limits: Iterable[LimitLooked]) -> Iterator[LimitLooked]:
    """The limits that would bind but for a profile: what an office may be missing."""
    return (one for one in limits if one.reason is not None and one.reason.code == "profile-off")


def _time(moment: datetime | None) -> str:
    return "–" if moment is None else f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
