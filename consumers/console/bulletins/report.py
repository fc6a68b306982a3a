"""A bulletin as it is taken out: one value from which the CSV, the workbook and the Word document are made. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from consumers.bulletins.contests import Contest
from consumers.bulletins.shelf import Issued
from consumers.bulletins.sight import Sight
from consumers.console.bulletins.view import By, Cell, Wording, cells, heading, tables


@dataclass(frozen=True, slots=True)
class Section:
    """One table under its title. The first cell of a row is its name."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole of it, in one language. `kind` is what sort of report it is, `facts` say how it was made."""

    kind: str
    title: str
    facts: Sequence[str]
    sections: Sequence[Section]


def report(
    issued: Issued, told: Sequence[Contest], names: Mapping[UUID, str], sight: Sight, wording: Wording
) -> Report:
    """A bulletin with its corrections and contests, cut to what the reader sees.

    `names` are those of the earlier bulletins that it corrects.
    """
    words = wording.words
    shown = tables(issued.sums, issued.units, By.UNIT, sight)
    sections = []
    for one in shown:
        rows = [[wording.row(By.UNIT, row.key), *cells(one, row)] for row in one.rows]
        if sight.whole:
            rows.append([words("bulletins.total"), *cells(one, one.total)])
        name = words.pick(one.group.zh, one.group.en)
        sections.append(Section(name, [words("common.unit"), *heading(one, wording)], rows))
    sections += [
        part for part in (_corrections(issued, names, sight, wording), _contests(told, wording)) if part.rows
    ]
    return Report(words("bulletins.title"), called(issued, wording), facts(issued, wording), sections)


def called(issued: Issued, wording: Wording) -> str:
    """What a bulletin is called."""
    period = wording.period(issued.period)
    return wording.words(
        "bulletins.called", period=period, district=wording.phrases.district(issued.district)
    )


def facts(issued: Issued, wording: Wording) -> list[str]:
    """How a bulletin was made, as sentences."""
    words, phrases = wording.words, wording.phrases
    return [
        words("bulletins.issued_at", time=phrases.time(issued.issued_at), by=issued.issued_by),
        words("bulletins.recorded_until", time=phrases.time(issued.recorded_until)),
        words("bulletins.position", position=", ".join(map(str, issued.positions))),
        words("bulletins.digest", digest=issued.digest.hex()),
    ]


def _corrections(issued: Issued, names: Mapping[UUID, str], sight: Sight, wording: Wording) -> Section:
    words = wording.words
    head = [words(f"bulletins.{name}") for name in ("of_bulletin", "figure", "of_unit", "change")]
    rows: list[Sequence[Cell]] = [
        [
            names.get(one.bulletin_id, ""),
            wording.figure(one.figure),
            wording.phrases.unit(one.unit),
            one.change,
        ]
        for one in issued.corrections
        if sight.sees(one.unit)
    ]
    return Section(words("bulletins.corrections"), head, rows)


def _contests(told: Sequence[Contest], wording: Wording) -> Section:
    words, phrases = wording.words, wording.phrases
    head = [words(f"bulletins.{name}") for name in ("of_unit", "figure", "contested", "answered")]
    rows: list[Sequence[Cell]] = [
        [
            phrases.unit(one.unit),
            wording.figure(one.figure),
            f"{phrases.day(one.at)} {one.reason}",
            words("bulletins.unanswered")
            if one.answer is None
            else f"{phrases.day(one.answer.at)} {phrases.spell('verdict', one.answer.verdict)} {one.answer.reason}",
        ]
        for one in told
    ]
    return Section(words("bulletins.contests"), head, rows)
