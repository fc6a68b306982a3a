"""What the research notes on the published cases say a correct bus does, row by row, held against what ours does.

`tests/cases/claims/` has their rows as they were written: recipients, mirrors and clocks in fields, the rest in
sentences. Fields are compared here; what a sentence asks for stands in `published_readings.py`. A row that the bus
does not do is a bug, or stands in DIFFERENCES with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from types import MappingProxyType
from typing import Any

from consumers.casefile import Case
from consumers.handovers.periods import Period, calendar_days, due, months, working_days
from consumers.workdays import published_calendar
from infra.demo.expectations import result_of
from infra.demo.outcome import ClockSeen, Outcome
from infra.demo.playing import Play
from schemas.spans import CHINA
from tests.consumers.test_published_cases import Told, outcome_of

CLAIMS: Mapping[str, Mapping[str, Sequence[Any]]] = MappingProxyType(
    {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((Path(__file__).parents[1] / "cases" / "claims").glob("*.json"))
    }
)
SENTENCES = ("threshold", "alerts", "states", "must_not", "amount_check")
"""The kinds of row that are sentences."""

PLAYED = MappingProxyType(
    {
        "tax office of R": "AG",
        "tax office of T": "AG2",
        "Shishi AMR": "AG",
        "Huaian AMR": "AG",
        "PSB as administrative organ": "AG",
        "县应急管理局": "AG",
    }
)
"""Who plays an organ that the notes call by name."""

ABOVE = MappingProxyType({"by-market": "gz-market", "by-tax": "gz-tax"})
"""Superior organs that the demonstration's register has no unit for, and the notes expect a copy to."""


@dataclass(frozen=True)
class Seen:
    """A published case after it was said."""

    play: Play
    log: Told

    @property
    def case(self) -> Case:
        found = self.log.cases[self.play.main_case]
        assert found is not None
        return found

    @property
    def outcome(self) -> Outcome:
        return outcome_of(self.log, self.play)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the notes: in which case, of which kind, what of it, and what is missing if the bus does not do it."""

    case: str
    kind: str
    about: str
    missing: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.case, self.kind, self.about


def compared(seen: Seen) -> Iterator[Row]:
    """Every row of the case's notes that has fields; `missing` is empty where the bus does what it says."""
    case, outcome = seen.play.history.id, seen.outcome
    for row in CLAIMS[case].get("routing", ()):
        for role in row["to"]:
            yield Row(case, "routing", f"{row['step']} {role}", _unreached(seen, outcome, row["step"], role))
    for row in CLAIMS[case].get("mirror", ()):
        for role in row["to"]:
            yield Row(case, row["event"], f"{row['step']} {role}", _unmirrored(seen, outcome, row, role))
    for row in CLAIMS[case].get("clocks", ()):
        yield Row(case, "clock", row["rule"], _unkept(outcome, row))


def counted() -> Iterator[tuple[str, str, date, date]]:
    """Each due day that the notes state, with the one that our periods give: case, rule, stated, counted."""
    for case, rows in CLAIMS.items():
        for row in rows.get("clocks", ()):
            if "due" in row:
                start = datetime.combine(date.fromisoformat(row["start"]), time(12), CHINA)
                end = due(_period(row["limit"]), start, published_calendar())
                yield case, row["rule"], date.fromisoformat(row["due"]), end.at.astimezone(CHINA).date()


def _period(limit: str) -> Period:
    count, unit = limit.split()
    return {"CD": calendar_days, "WD": working_days, "MO": months}[unit](int(count))


def _unit(seen: Seen, role: str) -> str | None:
    if role == "SUP":
        return ABOVE.get(seen.play.cast["AG"])
    return seen.play.cast.get(PLAYED.get(role, role))


def _unreached(seen: Seen, outcome: Outcome, step: int, role: str) -> str:
    """Empty if the role got the step's events, was mirrored them, or said them itself."""
    said = {event_id for event_id, n in outcome.steps.items() if n == step}
    reached = {one.unit for one in outcome.deliveries if one.event_id in said}
    reached |= {outcome.speakers[event_id] for event_id in said} | _mirrored(outcome, step)
    return "" if _unit(seen, role) in reached else f"only {', '.join(sorted(reached)) or 'nobody'}"


def _mirrored(outcome: Outcome, step: int) -> set[str]:
    return {one.unit for one in outcome.mirrors if outcome.step_of(one.opinion_id) == step}


def _unmirrored(seen: Seen, outcome: Outcome, row: Mapping[str, Any], role: str) -> str:
    mirrored = _mirrored(outcome, row["step"])
    if row["event"] == "mirror.copied":
        return "" if _unit(seen, role) in mirrored else f"only {', '.join(sorted(mirrored)) or 'nobody'}"
    # That a department takes a lead on is its own decision, and was not published: there must be work to decide on.
    return "" if seen.play.cast["PI"] in mirrored else "nothing to accept or dismiss"


def _unkept(outcome: Outcome, row: Mapping[str, Any]) -> str:
    rule, result = re.split(r"[ *]", row["rule"])[0], row["result"].split(" (")[0]
    clocks = [one for one in outcome.clocks if one.rule == rule]
    told = ", ".join(f"{result_of(one)} {_range(one)}" for one in clocks) or "no such clock"
    if result in ("not applicable", "not started", "office target only", "conditional", "target clock only"):
        return told if clocks else ""
    if result == "not determinable":
        return told if any(one.certain and result_of(one) in _LATE for one in clocks) else ""
    wanted = _WANTED.get(result)
    if wanted is None:
        return f"{result}: a sentence"
    fits = any(result_of(one) in wanted and _contains(one, row.get("due")) for one in clocks)
    return "" if fits else told


_LATE = ("overdue", "met-late")
_WANTED = {
    "open": ("overdue", "undetermined", "running"),
    "met": ("met",),
    "met on every day of August": ("met",),
    "breached": _LATE,
    "stops as transferred": ("met",),
}


def _contains(clock: ClockSeen, day: str | None) -> bool:
    first, last = (
        None if at is None else at.astimezone(CHINA).date() for at in (clock.due_from, clock.due_to)
    )
    if day is None:
        return True
    wanted = date.fromisoformat(day)
    return (first is None or first <= wanted) and (last is None or wanted <= last)


def _range(clock: ClockSeen) -> str:
    days = (
        "…" if at is None else f"{at.astimezone(CHINA):%Y-%m-%d}" for at in (clock.due_from, clock.due_to)
    )
    return " to ".join(days)


_ASSUMED = (
    "the notes assume that the administrative case was filed; no step says so, and a limit begins with a word"
)
_NO_TEXT = "no text that was read has this limit; the arithmetic is compared by itself"
_NOT_READ = "the text of that day is known from memory or not at all, so its row is off (docs/thresholds.md)"

DIFFERENCES: Mapping[tuple[str, str, str], str] = MappingProxyType(
    {
        (
            "dazu-rheumatism-pills",
            "routing",
            "1 PSB",
        ): "the public told both organs: each says its own lead of the "
        "one case, as steps 1 and 2, and neither is told by the other",
        (
            "donghai-empty-cigarette-tubes",
            "routing",
            "5 AG",
        ): "the linked case is told by its judgment alone: the bus "
        "knows of no agency in it, and a judgment goes to those of the case (O310-05, law.md 2.5)",
        ("donghai-empty-cigarette-tubes", "routing", "5 PSB"): "as for its agency",
        (
            "huadu-dead-pork-sausage",
            "routing",
            "3 AG",
        ): "no agency has part in the case; who has none is told of none",
        (
            "shanghai-two-companies-invoices",
            "routing",
            "6 JU",
        ): "2021-02: the copy is a duty of the Provisions of "
        "2021-09-06, as the notes on xiuyu-nickel-plating say themselves",
        ("yangshan-fireworks", "routing", "3 其他行政机关"): "not named, so nobody to send it to",
        (
            "zhangpu-aluminium-ash",
            "routing",
            "7 other province AG",
        ): "outside the bus, as the notes say: a letter goes",
        (
            "lichuan-dead-cattle-beef",
            "mirror.copied",
            "4 PI",
        ): "the notes say beside it that who issued the letter gets no copy of it",
        (
            "zhangjiagang-hidden-pipe",
            "mirror.copied",
            "5 PA",
        ): "the decision itself goes to the administrative department as its duty, which is more than a copy",
        (
            "donghai-empty-cigarette-tubes",
            "clock",
            "O310-08",
        ): "非法经营 is an economic crime: ECO-16 takes the place of "
        "the three days (conflict C1), and ECO-16-ordinary shows that the ordinary limit was passed",
        (
            "haian-42-drug-sellers",
            "clock",
            "PIL-13 (feasibility)",
        ): "no announcement is published: nothing to count",
        (
            "hongan-invoices",
            "clock",
            "SPP21-08 3 CD (profile 2021)",
        ): "of the profile only, as the notes say (C2)",
        ("huadu-dead-pork-sausage", "clock", "none"): "the notes state none, and there is none",
        (
            "jining-fake-beef-jerky",
            "clock",
            "CPL-172",
        ): "sent in February 2024, and the longest review ended in "
        "September at the latest: without a word of the decision it is flagged on every possible day",
        (
            "jining-substandard-goods",
            "clock",
            "period set in the letter (1 month)",
        ): "it is SPP21-09 with the period of the letter, due on the same day",
        (
            "jining-substandard-goods",
            "clock",
            "SPP21-09",
        ): "the letter sets one month, which takes the place of two",
        ("jining-substandard-goods", "clock", "APL-60"): _ASSUMED,
        ("longzhou-counterfeit-shoes", "clock", "APL-60"): _ASSUMED,
        ("nanchang-liquor-penalty", "clock", "APL-60"): _ASSUMED,
        (
            "lichuan-dead-cattle-beef",
            "clock",
            "PIL notice (PIL-13)",
        ): "2017: the interpretation is of 2018-03-02; what the pilot asked for was not read",
        ("luoyang-counterfeit-liquor", "clock", "O310-03(2)"): "a standard of suspicion and no limit",
        (
            "neixiang-hunting",
            "clock",
            "SPP21-09",
        ): "met, shown as uncertain: nothing that was said gives the letter a first day",
        ("shanghai-two-companies-invoices", "clock", "CPL-177"): "the text has no number",
        ("songxian-drink-driving", "clock", "local rule: 3 days from decision"): _NO_TEXT,
        (
            "songxian-drink-driving",
            "clock",
            "same in working days (later G24-a)",
        ): "2023: the guide is of 2024-11-26",
        (
            "yangshan-fireworks",
            "clock",
            "PIL-21",
        ): "issued after the hearing, so from the day after it at the earliest: "
        "a day later than the notes, which assume the day of the hearing",
        ("yangshan-fireworks", "clock", "PIL-21 urgent"): "nothing says that the suggestion was urgent",
        (
            "yingjiang-shishi-trademark",
            "clock",
            "SPP21-09 (latest possible)",
        ): "late and uncertain, with the range of "
        "the notes: see its must_not and the expectations of the case",
        ("yingjiang-shishi-trademark", "clock", "effect of an interim reply"): "a rule and no clock: told by "
        "jining-substandard-goods, where one stops the clock",
        (
            "yishui-chrome-workshop",
            "clock",
            "MPS-2015 complex lead",
        ): "from memory, so of a profile; and it needs a recorded reason",
        (
            "zhangpu-aluminium-ash",
            "clock",
            "O310-05a",
        ): "it begins with the finding of suspicion, which is not told: the task group is shown as the state",
        ("xiuyu-nickel-plating", "threshold", "0"): "no step states the measurement, and of 2016: "
        + _NOT_READ,
        ("yishui-chrome-workshop", "threshold", "0"): "of 2016: " + _NOT_READ,
        ("luoyang-counterfeit-liquor", "threshold", "0"): "unsold goods, by the opinion of 2011: "
        + _NOT_READ,
        ("xiuyu-nickel-plating", "alerts", "0"): "neither a penalty nor a measurement is a step of the case",
        (
            "longzhou-counterfeit-shoes",
            "alerts",
            "0",
        ): "the console's timeline shows both days; without a limit the bus "
        "computes no number of days between two events",
        (
            "jining-substandard-goods",
            "states",
            "1",
        ): "no step tells of the delivery: the state is not guessed",
        (
            "shanzhou-fake-ointment",
            "amount_check",
            "0",
        ): "the amount claimed is no fact that a rule compares, and is stored as it is said",
    }
)
"""Where the bus does otherwise than the notes, and why. A row that does not differ any more fails the test."""
