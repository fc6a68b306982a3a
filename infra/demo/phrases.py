"""Names, times and outcomes as the report puts them into words, in one language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from consumers.casefile import ClockKind
from consumers.handovers.periods import Unit
from consumers.handovers.statutes import BY_KEY
from consumers.transfers.routes import ROUTES
from infra.demo.expectations import Check, overrun_days, result_of
from infra.demo.outcome import ClockSeen, MirrorSeen
from infra.demo.playing import Play
from infra.demo.wording import Words
from producers.histories import History, Step
from schemas.catalogue import BY_NAME
from schemas.spans import CHINA, Precision
from schemas.units import Register

_DAY_SECONDS = 86_400
_ENGLISH_BASES = {route.basis.cited: route.basis.cited_en for route in ROUTES}
_IN_HOURS = frozenset(row.code for row in BY_KEY.values() if row.period and row.period.unit is Unit.HOURS)


class Phrases:
    """Puts things into the language of `words`; `now` (aware) is what "so far" is counted to."""

    def __init__(self, words: Words, register: Register, now: datetime) -> None:
        self.words = words
        self._register = register
        self._now = now

    def about(self, thing: str, said: str) -> str:
        """A thing and what is said of it."""
        return f"{thing}{self.words.colon}{said}"

    def aside(self, thing: str, said: str) -> str:
        """A thing with an aside in brackets."""
        return self.words.aside.format(thing=thing, said=said)

    def listed(self, things: Iterable[str]) -> str:
        """Several things in a row."""
        return self.words.comma.join(things)

    def claim(self, check: Check) -> str:
        """What an expectation claims."""
        what = dict(check.what)
        if "kind" in what:
            what["kind"] = self.words.must_not[what["kind"]]
        if "results" in what:
            results = what["results"].split("/")
            what["results"] = self.words.alternative.join(self.words.results[one] for one in results)
        return self.words.claims[check.kind].format(**what)

    def title(self, history: History) -> str:
        """The name of the case."""
        return history.title[self.words.language]

    def source(self, play: Play) -> str:
        """Who published the case, and the way it was said here."""
        published = play.history.facts["published"]
        address = f" {published['address']}" if published["address"] else self.words.no_address
        copy = self.words.a_copy if published["copy"] else ""
        return self.words.source.format(
            by=published["by"], on=published["on"], address=address + copy, way=self.words.ways[play.way]
        )

    def unit(self, code: str) -> str:
        """The name of a unit; its code if nobody is registered under it."""
        unit = self._register.by_code.get(code)
        if unit is None:
            return code
        return unit.name_zh if self.words.language == "zh" else unit.name_en

    def event(self, name: str) -> str:
        """The name of an event type."""
        row = BY_NAME[name]
        return row.zh if self.words.language == "zh" else row.en

    def time(self, step: Step) -> str:
        """When a step happened, as exactly as it was published."""
        if step.precision in (Precision.DAY, Precision.HOUR):
            return step.when.replace("T", " ")
        return self.words.times[step.precision].format(when=step.when)

    def why(self, mirror: MirrorSeen) -> str:
        """Why a department was mirrored an opinion; the rules say it in both languages."""
        chinese, _, english = mirror.why.partition(" / ")
        return chinese if self.words.language == "zh" or not english else english

    def sent_on(self, basis: str) -> str:
        """The basis of a delivery, which is stored in Chinese; that of an alarm is in Chinese alone."""
        return basis if self.words.language == "zh" else _ENGLISH_BASES.get(basis, basis)

    def flag(self, detail: str) -> str:
        """Why a person should look; most rules say it as Chinese — English."""
        chinese, _, english = detail.partition(" — ")
        return chinese if self.words.language == "zh" or not english else english

    def clock(self, clock: ClockSeen) -> str:
        """One clock in one line: rule, holder, due time, outcome and article."""
        return self.words.clock.format(
            rule=clock.rule,
            holder=self.unit(clock.holder),
            due=self.due(clock),
            result=self.result(clock),
            basis=self.basis(clock),
        )

    def due(self, clock: ClockSeen) -> str:
        """The last moment in time, or the range of possible ones."""
        if clock.due_to is None:
            return self.words.no_due
        if clock.rule in _IN_HOURS:
            return f"{clock.due_to.astimezone(CHINA):%Y-%m-%d %H:%M}"
        last = _day(clock.due_to)
        if clock.due_from is None:
            return self.words.at_latest.format(day=last)
        first = _day(clock.due_from)
        return last if first == last else f"{first} … {last}"

    def basis(self, clock: ClockSeen) -> str:
        """The article of the clock's limit and how far it was verified."""
        return BY_KEY[clock.rule, clock.version].cited

    def result(self, clock: ClockSeen) -> str:
        """What became of the clock, by how much it ran over, and what that rests on."""
        result = result_of(clock)
        if clock.kind == ClockKind.WAITING and result == "met":
            return self.words.waiting_kept
        parts = [self.words.results[result] + self._over(clock, result)]
        parts += [self.words.uncertain] * (not clock.certain and result in ("met-late", "overdue"))
        parts += [self.words.assumed] * clock.assumed_start + [self.words.provisional] * clock.provisional
        return self.words.semicolon.join(parts)

    def _over(self, clock: ClockSeen, result: str) -> str:
        if result == "met-late":
            return self.words.days_over.format(days=overrun_days(clock))
        if result == "overdue" and clock.due_to is not None:
            days = -(-int((self._now - clock.due_to).total_seconds()) // _DAY_SECONDS)
            return self.words.days_so_far.format(days=days)
        return ""


def is_target(clock: ClockSeen) -> bool:
    """Whether the limit is the office's own (内部时限), so that running over breaks no law."""
    return BY_KEY[clock.rule, clock.version].office


def _day(time: datetime) -> str:
    return time.astimezone(CHINA).date().isoformat()
