"""What a duty is: the events it begins with, whose it is, and the events that show that it was done.

A duty knows no limit. The limits, with their articles and dates, are in `statutes`; several limits may bind
one duty one after another or by field, and whatever limit binds, there is one clock for one duty.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from schemas.units import Role

Only = tuple[tuple[str, tuple[object, ...]], ...]
"""Payload fields and the values each may have; empty: any payload."""


Key = tuple[object, ...]
"""What a duty is about (letter, notice, party); None in it: not said."""
PARTY = ("party",)
"""The fields of the key of a duty that every party has for itself."""


def fits(only: Only, data: Mapping[str, Any]) -> bool:
    """Whether a payload has one of the allowed values in every field."""
    return all(data.get(name) in values for name, values in only)


class Proof(StrEnum):
    """What an event shows about a duty."""

    ACT = "act"  # the act that the law asks for
    RESULT = "result"  # what the act was to bring about; the act itself is not shown
    LATER = "later"  # cannot come before the act: it was done at this time or at an unknown time before
    RELEASE = "release"  # the duty falls away


@dataclass(frozen=True, slots=True)
class Start:
    """An event that a duty begins with.

    The holder is whoever says it (`speaker`), otherwise its addressee, otherwise whoever has the duty's role
    in the case. `assumed`: the law counts from another moment (mostly the receipt), for which this stands.
    """

    type: str
    speaker: bool = False
    assumed: bool = False
    addressed: bool = False  # a letter, which always names its addressee
    only: Only = ()
    said_by: Role | None = None  # counts only if the speaker has this role
    key: tuple[str, ...] = ()  # where it names what the duty is about, if not in the fields of the duty's key


@dataclass(frozen=True, slots=True)
class Stop:
    """An event that ends a duty. `early`: also if it came before the start, as some acts may.

    `of_party`: if it names one of several parties, it ends a duty that is owed for all of them only with the last.
    """

    type: str
    proof: Proof = Proof.ACT
    by_holder: bool = False  # only if the holder itself says it
    early: bool = False
    any_key: bool = False  # whatever letter or notice it names
    of_party: bool = False
    only: Only = ()
    key: tuple[str, ...] = ()  # as for a start


@dataclass(frozen=True, slots=True)
class Pausing:
    """What stops the counting and what lets it go on: time that the law leaves out of a period.

    `same` are the fields that tell one pause from another beside the duty's key. `elsewhere`: only if the holder
    asks somebody who is not of its own district.
    """

    begins: str
    ends: str
    profile: str | None = None  # counts only if the office has turned this on
    same: tuple[str, ...] = ()
    elsewhere: bool = False
    anew: bool = False  # the period begins again with the end of the pause
    law: str = ""  # the article, Chinese — English

    def counts(self, profiles: Collection[str]) -> bool:
        """Whether an office with these profiles leaves the time out."""
        return self.profile is None or self.profile in profiles


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty: when it begins, for whom, and what ends it.

    `key` are the payload fields that tell duties of one holder apart: a letter, a notice, a party. An event
    that does not name it fits any.
    """

    name: str
    role: Role  # what the holder acts as
    starts: tuple[Start, ...]
    stops: tuple[Stop, ...]
    key: tuple[str, ...] = ()
    watchers: tuple[Role, ...] = (Role.CRIMINAL, Role.CASE_MANAGEMENT)  # told of alarms beside the holder
    pauses: tuple[Pausing, ...] = ()
    extended_by: str | None = None  # an approval that sets a longer total, see Statute.extensions
    lengthened_by: str | None = None  # an approval that sets a longer period in working days
    requires: tuple[str, ...] = ()  # exists only if one of these happened before or at the start
    is_right: bool = False  # a right that lapses: not using it breaks nothing
    restarts: bool = False  # a further start ends the running period and begins a new one
    if_done: bool = False  # whether it was owed is known only once it was done
    told_by_report: bool = False  # telling somebody is all that is owed, and the bus does it with the report
    entered_by_report: bool = (
        False  # entering the act on the shared platform is owed: its report is the entry
    )
    per_copy: bool = False  # the start names several holders in `copies`
    custody: bool = False  # a period that custody keeps from moving off days off
    held_by: frozenset[Role] = frozenset()  # owed only by a unit with one of these roles; empty: by any
    trigger: str = ""  # if no event says that it began: what it begins with, Chinese — English
    conditional: bool = field(init=False)  # whether roles decide if it is owed
    shared: bool = field(init=False)  # owed for several parties at once

    def __post_init__(self) -> None:
        object.__setattr__(self, "shared", any(stop.of_party for stop in self.stops))
        asks = bool(self.held_by) or any(start.said_by is not None for start in self.starts)
        object.__setattr__(self, "conditional", asks)


def key_of(names: tuple[str, ...], data: Mapping[str, Any]) -> Key:
    """What a payload says in the fields of a key."""
    return tuple([data.get(name) for name in names])


def agree(one: Key, other: Key) -> bool:
    """Whether two keys can name the same thing: where one leaves it open, anything fits."""
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))
