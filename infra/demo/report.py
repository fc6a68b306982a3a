"""The demonstration's report: per case what went where and why, what was mirrored, and which limits ran."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule

from infra.demo.expectations import Check, result_of
from infra.demo.outcome import Delivered, Outcome
from infra.demo.phrases import Phrases, is_target
from infra.demo.playing import Play
from infra.demo.show import FeedRead, Told

_STYLES = {"met": "green", "met-late": "red", "overdue": "red", "undetermined": "yellow"}


class Report:
    """Prints to `console` in the words of `phrases`."""

    def __init__(self, console: Console, phrases: Phrases) -> None:
        self._console = console
        self._phrases = phrases
        self._words = phrases.words

    def preface(self, settling: float) -> None:
        """What the reader must know before reading names and dates."""
        self._line(self._words.preface.format(settling=settling), style="dim")

    def case(self, number: int, told: Told) -> None:
        """One case, from its source to the comparison with what was expected."""
        words, outcome = self._words, told.outcome
        self._console.print()
        self._console.print(Rule(f"{number} {escape(self._phrases.title(told.play.history))}", align="left"))
        self._line(self._phrases.source(told.play), style="dim")
        self._routed(told)
        self._section(words.mirrored, self._mirrors(outcome))
        self._clocks(outcome)
        self._section(words.flagged, self._flags(outcome))
        self._section(words.not_understood, self._left_out(told.play))
        self._section(words.held, self._held(outcome))
        self._compared(told.checks)

    def overdue(self, all_told: Iterable[Told]) -> None:
        """Every statutory limit that is overdue or was met late, in one list; targets of an office are not in it."""
        self._console.print()
        self._console.print(Rule(self._words.overdue_title, align="left"))
        for told in all_told:
            for clock in told.outcome.clocks:
                if result_of(clock) in ("overdue", "met-late") and not is_target(clock):
                    title = self._phrases.title(told.play.history)
                    self._line(self._phrases.about(title, self._phrases.clock(clock)))

    def feed(self, read: FeedRead) -> None:
        """What one department read from its own topic."""
        line = self._words.feed.format(
            unit=self._phrases.unit(read.unit), topic=read.topic, last=read.last, mirrored=read.mirrored
        )
        self._console.print()
        self._line(line)

    def total(self, all_told: Sequence[Told]) -> None:
        """How much was published and how many expectations hold."""
        checks = [check for one in all_told for check in one.checks]
        good = sum(check.ok for check in checks)
        line = self._words.total.format(
            cases=len(all_told),
            events=sum(len(one.play.translation.sayings) for one in all_told),
            left=sum(len(one.play.translation.not_understood) for one in all_told),
            good=good,
            all=len(checks),
        )
        self._line(line, style="bold green" if good == len(checks) else "bold red")

    def where(self, **places: str) -> None:
        """Where to look further, with real ids and keys; `places` fill in the text."""
        self._console.print()
        self._line(self._words.where.format(**places))

    def _routed(self, told: Told) -> None:
        phrases, steps = self._phrases, {step.n: step for step in told.play.history.steps}
        self._line(self._words.routed, style="bold")
        for event_id, n in told.outcome.steps.items():
            speaker = phrases.unit(told.outcome.speakers[event_id])
            said = phrases.aside(phrases.event(steps[n].event), speaker)
            self._line(f"  {n}  {phrases.time(steps[n])}  {said}")
            for basis, units in self._sent(event_id, told.outcome):
                self._line(f"       → {units}  {basis}", style="cyan")

    def _sent(self, event_id: str, outcome: Outcome) -> list[tuple[str, str]]:
        """(basis in the report's language, the units that got the event on it)."""
        groups: dict[str, list[Delivered]] = {}
        for one in outcome.deliveries:
            if one.event_id == event_id:
                groups.setdefault(one.basis, []).append(one)
        phrases = self._phrases
        return [
            (phrases.sent_on(basis), phrases.listed(map(self._receiver, sent)))
            for basis, sent in groups.items()
        ]

    def _receiver(self, one: Delivered) -> str:
        return self._phrases.aside(self._phrases.unit(one.unit), self._words.deliveries[one.delivery])

    def _mirrors(self, outcome: Outcome) -> list[str]:
        phrases = self._phrases
        return [
            phrases.about(f"{outcome.step_of(one.opinion_id)} → {phrases.unit(one.unit)}", phrases.why(one))
            for one in outcome.mirrors
        ]

    def _clocks(self, outcome: Outcome) -> None:
        clocks = [one for one in outcome.clocks if outcome.step_of(one.started_id) is not None]
        if not clocks:
            return
        self._line(self._words.clocks, style="bold")
        for one in clocks:
            self._line(f"  {self._phrases.clock(one)}", style=_STYLES.get(result_of(one), ""))
        alarmed = sorted({one.unit for one in outcome.deliveries if one.delivery == "alarm"})
        if alarmed:
            units = self._phrases.listed(map(self._phrases.unit, alarmed))
            self._line(f"  {self._phrases.about(self._words.alarms, units)}", style="dim")

    def _flags(self, outcome: Outcome) -> list[str]:
        return [
            self._phrases.about(f"{outcome.step_of(one.event_id)} {one.code}", self._phrases.flag(one.detail))
            for one in outcome.anomalies
        ]

    def _left_out(self, play: Play) -> list[str]:
        left = play.translation.not_understood
        return [self._phrases.about(f"{one.step} {one.event}", f"{one.reason}, {one.detail}") for one in left]

    def _held(self, outcome: Outcome) -> list[str]:
        return [
            self._phrases.about(f"{one.event_id} {one.kind} {one.reason}", one.detail) for one in outcome.held
        ]

    def _compared(self, checks: Sequence[Check]) -> None:
        good = sum(check.ok for check in checks)
        style = "bold green" if good == len(checks) else "bold red"
        self._line(self._phrases.about(self._words.compared, f"{good}/{len(checks)}"), style=style)
        held = [f"✓ {self._phrases.claim(check)}" for check in checks if check.ok]
        self._line(f"  {'   '.join(held)}", style="green")
        for check in checks:
            if not check.ok:
                found = self._phrases.about(self._words.expected_but, f"{check.found}; {check.why}")
                self._line(f"  ✗ {self._phrases.claim(check)} — {found}", style="red")

    def _section(self, title: str, lines: Sequence[str]) -> None:
        if lines:
            self._line(title, style="bold")
        for line in lines:
            self._line(f"  {line}")

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
