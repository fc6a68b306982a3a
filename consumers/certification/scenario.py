"""What a scenario of a certification run is, and what judging one comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from consumers.certification.watched import Transport, Watched


class State(StrEnum):
    """What was found about a scenario."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_SHOWN = "not-shown"
    NOT_USED = "not-used"  # a way of saying or receiving that the system does without
    NOT_ASKED = "not-asked"  # what cannot be asked over this transport, or of this installation or system


class Part(StrEnum):
    """Which part of the bus a scenario belongs to."""

    SAYING = "saying"
    READING = "reading"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that was seen, and when."""

    at: datetime
    words: Words


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found. `mend` says what to do about it; None: what the scenario says. `why`: it was not asked."""

    state: State
    evidence: tuple[Evidence, ...] = field(default=())
    mend: Words | None = None
    why: Words | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """How a scenario is asked: `ask` tells people what to bring about, `mend` what to do if it fails."""

    ask: Words
    mend: Words
    judge: Callable[[Watched], Finding]


@dataclass(frozen=True, slots=True)
class Unasked:
    """That a scenario cannot be asked over a transport, and why."""

    why: Words


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that a system must be seen to do: how it is asked over each transport that the part knows."""

    code: str
    part: Part
    title: Words
    over: Mapping[Transport, Asked | Unasked]


NOT_SHOWN = Finding(State.NOT_SHOWN)


def passed(*evidence: Evidence) -> Finding:
    """It does what it must."""
    return Finding(State.PASSED, evidence)


def failed(*evidence: Evidence, mend: Words | None = None) -> Finding:
    """It was seen to do what it must not."""
    return Finding(State.FAILED, evidence, mend)


def open_yet(*evidence: Evidence) -> Finding:
    """Begun, and not decided."""
    return Finding(State.NOT_SHOWN, evidence)


def not_asked(zh: str, en: str) -> Finding:
    """It cannot be asked here, for this reason: it counts neither way."""
    return Finding(State.NOT_ASKED, why=Words(zh, en))
