"""What a transfer package lacks, and what a later event supplied: the table of documents applied to a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consumers.casefile import Case, CaseEvent, Identity
from consumers.decisions import Anomaly, Decision
from consumers.documents.belonging import DOCUMENTS, LETTER, Belongs
from consumers.documents.kinds import DocumentKind
from consumers.rulebook import Rulebook
from consumers.sources import Source

_ON_SITE = "transfer.on_site_handed"
COMPLETING = frozenset({_ON_SITE, "transfer.supplemented", "test.resulted", "items.handed_over"})
"""Events besides the letter whose documents reach the police of the case, and so become part of the package."""

_FACTS = COMPLETING | {LETTER, "admin_case.penalised"}
_REQUIRED = tuple(row for row in DOCUMENTS if row.required)


@dataclass(frozen=True, slots=True)
class Asked:
    """One document that a package must have. `supplied_by` is the event that brought it; None: it is missing."""

    kind: DocumentKind
    basis: Source
    supplied_by: Identity | None


@dataclass(frozen=True, slots=True)
class Package:
    """The documents that belong to one transfer letter, as far as the events tell."""

    letter: Identity
    asked: tuple[Asked, ...]

    @property
    def missing(self) -> tuple[Asked, ...]:
        """What nothing has brought yet."""
        return tuple(one for one in self.asked if one.supplied_by is None)


def decide(case: Case, event: CaseEvent, rulebook: Rulebook) -> list[Decision]:  # noqa: ARG001  (one shape for all slices)
    """The decisions of this slice on `event`, which is already the last event of `case`. Pure.

    A letter whose package lacks something is flagged, once, with what is missing when it comes. What comes
    later clears it: see `packages`, which readers are shown.
    """
    if event.envelope.type != LETTER:
        return []
    lacking = packages(case)[-1].missing
    return [_incomplete(lacking)] if lacking else []


def packages(case: Case) -> list[Package]:
    """The package of every standing transfer letter of `case`, in the order of the log.

    What came with or after an earlier letter does not count for a later one. Before its letter only a hand-over
    on site reaches the police; a penalty decision is asked for if the penalty came first.
    """
    told = case.standing(*_FACTS)
    letters = [position for position, event in enumerate(told) if event.type == LETTER]
    found = []
    for number, at in enumerate(letters):
        start = letters[number - 1] + 1 if number else 0
        end = letters[number + 1] if number + 1 < len(letters) else len(told)
        handed = [event for event in told[start:at] if event.type == _ON_SITE]
        after = [event for event in told[at + 1 : end] if event.type in COMPLETING]
        found.append(_package(told[at], told[:at], [*handed, *after]))
    return found


def _package(letter: CaseEvent, before: Sequence[CaseEvent], others: Sequence[CaseEvent]) -> Package:
    sources = (letter, *others)
    asked = [
        Asked(row.kind, row.basis, _supplier(row, sources))
        for row in _REQUIRED
        if row.given is None or row.given.holds(sources, before)
    ]
    return Package(letter.identity, tuple(asked))


def _supplier(row: Belongs, sources: Sequence[CaseEvent]) -> Identity | None:
    for event in sources:
        if row.kind.among(event.data.get("documents") or ()):
            return event.identity
    return None


def _incomplete(lacking: Sequence[Asked]) -> Anomaly:
    zh = "；".join(f"{one.kind.zh}（{one.basis.cited}）" for one in lacking)
    en = "; ".join(f"{one.kind.en} ({one.basis.cited_en})" for one in lacking)
    return Anomaly("missing-document", f"移送材料缺少：{zh} — the transfer package lacks: {en}")
