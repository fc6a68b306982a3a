"""The tables of the law as the library shows them: by the text that a row rests on. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from consumers.console.library.anchors import basis_anchor, limit_anchor
from consumers.handovers.explanations import words_of
from consumers.handovers.statute import Statute
from consumers.handovers.statutes import STATUTES
from consumers.sources import Source
from consumers.transfers.routes import ROUTES, Route

_TITLE = re.compile(r"《[^》]+》(?:（[^）]+）)?")
_OTHERS = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit with its anchor; `period_zh` and `period_en` empty: as the letter says."""

    anchor: str
    statute: Statute
    period_zh: str
    period_en: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The limits that rest on one text; `text` empty: on a letter or an agreement."""

    text: str
    limits: Sequence[Limit]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the routing rests on, with its anchor, and the rows that cite it."""

    anchor: str
    basis: Source
    routes: Sequence[Route]


def shelves() -> list[Shelf]:
    """Every limit, by the text that it rests on, in the order of the table; what rests on none comes last."""
    by_text: dict[str, list[Limit]] = {}
    for statute in STATUTES:
        words = None if statute.period is None else words_of(statute.period)
        limit = Limit(
            limit_anchor(*statute.key),
            statute,
            "" if words is None else words.zh,
            "" if words is None else words.en,
        )
        by_text.setdefault(_text(statute), []).append(limit)
    found = [Shelf(text, limits) for text, limits in by_text.items()]
    return sorted(found, key=lambda shelf: shelf.text == _OTHERS)


def grounds() -> list[Ground]:
    """Every ground of the routing in the order of the table."""
    by_cited: dict[str, list[Route]] = {}
    for route in ROUTES:
        by_cited.setdefault(route.basis.cited, []).append(route)
    return [Ground(basis_anchor(cited), rows[0].basis, rows) for cited, rows in by_cited.items()]


def _text(statute: Statute) -> str:
    """The text that a limit rests on; an office's own target rests on none, whichever text it cites."""
    found = None if statute.office else _TITLE.search(statute.source)
    return _OTHERS if found is None else found.group()
