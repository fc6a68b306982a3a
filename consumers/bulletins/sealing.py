"""What a bulletin says, as the text whose SHA-256 it carries: the same at the same position of the log. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from consumers.bulletins.lines import Line
from consumers.bulletins.periods import Period


class Correction(NamedTuple):
    """That a line counts (1) or counts no longer (-1) in an earlier bulletin, by what was recorded since."""

    regarding: UUID
    change: int
    line: Line


class Scope(NamedTuple):
    """What a bulletin is about, and up to where it looks."""

    district: str
    period: Period
    units: tuple[str, ...]
    positions: tuple[int, ...]
    definitions: bytes


def digest(scope: Scope, lines: Iterable[Line], corrections: Iterable[Correction]) -> bytes:
    """SHA-256 over the scope, every line and every correction; the order in which they come is of no account."""
    hashed = hashlib.sha256()
    for text in (*_head(scope), *sorted(map(_line, lines)), *sorted(map(_correction, corrections))):
        hashed.update(text.encode() + b"\n")
    return hashed.digest()


def corrections(regarding: UUID, known: frozenset[Line], now: frozenset[Line]) -> list[Correction]:
    """What has to be told of an earlier bulletin whose lines, as corrected so far, are `known`."""
    return [
        *(Correction(regarding, 1, line) for line in sorted(now - known)),
        *(Correction(regarding, -1, line) for line in sorted(known - now)),
    ]


def _head(scope: Scope) -> Sequence[str]:
    return (
        "linkage bulletin 1",
        f"{scope.district}\t{scope.period.name}",
        "\t".join(sorted(scope.units)),
        "\t".join(map(str, scope.positions)),
        scope.definitions.hex(),
    )


def _line(line: Line) -> str:
    return f"line\t{line.figure}\t{line.unit}\t{line.field}\t{line.day}\t{line.case_id}\t{line.about}"


def _correction(one: Correction) -> str:
    return f"correction\t{one.regarding}\t{one.change}\t{_line(one.line)}"
