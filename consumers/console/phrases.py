"""Names, times and tables of the law as a page puts them into words, in the visit's language."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile
from urllib.parse import urlencode
from uuid import UUID

from consumers.console.library.anchors import basis_address, limit_address
from consumers.console.words import Language, Words
from consumers.handovers.explanations import words_of
from consumers.handovers.periods import Period
from consumers.handovers.statutes import BY_KEY
from consumers.readmodel.views import EventView
from consumers.transfers.recipients import TO_ZH, To
from consumers.transfers.routes import ROUTES
from consumers.transfers.side_tracks import SIDE_TRACKS
from consumers.transfers.states import FORWARD_STATES, REVERSE_STATES, Stage
from schemas.catalogue import BY_NAME, SPEAKERS
from schemas.fields import FIELD_BY_CODE
from schemas.spans import CHINA, Precision
from schemas.units import BUS_UNIT, PROCURATORATE, Register, Role

_FORWARD = {state.code: state for state in FORWARD_STATES}
_REVERSE = {state.code: state for state in REVERSE_STATES}
_SIDE_TRACKS = {track.code: track for track in SIDE_TRACKS}
_BASES = {route.basis.cited: route.basis.cited_en for route in ROUTES}
MOST_TOLD = 1000
"""From here on a page tells only that there are more."""
_ROLES_EN = {role.value: en for role, (_, en) in SPEAKERS.items()}
_STEP = 1024
_LATE_SEPARATORS = (" — ", "— ", " / ")


class Phrases:
    """Puts things into words; `now` (aware) is what times are told against."""

    def __init__(self, words: Words, register: Register, now: datetime) -> None:
        self._words = words
        self._register = register
        self.now = now

    def unit(self, code: str | None) -> str:
        """The name of a unit; its code if nobody is registered under it."""
        if code == BUS_UNIT:
            return self._words("common.bus")
        unit = self._register.by_code.get(code or "")
        return (code or "") if unit is None else self._words.pick(unit.name_zh, unit.name_en)

    def district(self, code: str) -> str:
        """A district by its procuratorate: what the names of its departments begin with; without one, the code."""
        there = [
            self._words.pick(unit.name_zh, unit.name_en)
            for unit in self._register.units
            if unit.district == code and unit.roles & PROCURATORATE
        ]
        same = takewhile(lambda letters: len(set(letters)) == 1, zip(*there, strict=False))
        return "".join(letters[0] for letters in same).rstrip(", ") or code

    def role(self, code: str) -> str:
        """A kind of unit."""
        return self._words.pick(*SPEAKERS[Role(code)])

    def size(self, number: int) -> str:
        """A number of bytes as people read it."""
        for unit in ("B", "KiB"):
            if number < _STEP:
                return f"{number} {unit}"
            number = round(number / _STEP)
        return f"{number} MiB"

    def event(self, name: str | None) -> str:
        """The name of an event type."""
        row = BY_NAME.get(name or "")
        return (name or "") if row is None else self._words.pick(row.zh, row.en)

    def state(self, code: str) -> str:
        """A state of the forward track."""
        state = _FORWARD.get(code)
        return code if state is None else self._words.pick(state.zh, state.en)

    def reverse_state(self, code: str | None) -> str:
        """A state of the reverse track."""
        state = _REVERSE.get(code or "")
        return str(code) if state is None else self._words.pick(state.zh, state.en)

    def stage(self, stage: Stage) -> str:
        """A stage of the procedure."""
        return self._words.pick(stage.zh, stage.en)

    def side_track(self, code: str) -> str:
        """The name of a side track."""
        track = _SIDE_TRACKS[code]
        return self._words.pick(track.zh, track.en)

    def side_state(self, track: str, code: str) -> str:
        """A state of a side track."""
        state = next(state for state in _SIDE_TRACKS[track].states if state.code == code)
        return self._words.pick(state.zh, state.en)

    def field(self, code: str) -> str:
        """The name of a field of enforcement."""
        field = FIELD_BY_CODE.get(code)
        return code if field is None else self._words.pick(field.zh, field.en)

    def rule(self, rule: str, version: str) -> str:
        """What a limit asks for."""
        statute = BY_KEY[rule, version]
        return self._words.pick(statute.zh, statute.en)

    def basis(self, cited: str) -> str:
        """What a delivery rests on; it is stored in Chinese, the tables have the English."""
        return cited if self._words.language is Language.ZH else _BASES.get(cited, cited)

    def basis_address(self, cited: str) -> str | None:
        """Where what a delivery rests on stands in the library; None if no rule cites it any more."""
        return basis_address(cited)

    def limit_address(self, rule: str, version: str) -> str:
        """Where a limit stands in the library."""
        return limit_address(rule, version)

    def message_address(self, case: UUID, source: str, event_id: str) -> str:
        """Where one event stands alone."""
        return f"/cases/{case}/message?{urlencode({'source': source, 'id': event_id})}"

    def recipient(self, to: To) -> str:
        """A recipient as the routing names it."""
        return self._words.pick(TO_ZH[to], _ROLES_EN.get(to.value, to.value))

    def either(self, text: str) -> str:
        """A text that a rule gives as `Chinese — English` or `Chinese / English`."""
        for separator in _LATE_SEPARATORS:
            zh, found, en = text.partition(separator)
            if found:
                return self._words.pick(zh, en)
        return text

    def time(self, moment: datetime | None) -> str:
        """A moment in China's time to the minute; a dash for none."""
        return "—" if moment is None else f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"

    def told_time(self, told: str) -> str:
        """A moment that is kept as text, in ISO 8601 with an offset."""
        return self.time(datetime.fromisoformat(told))

    def limit(self, period: Period | None) -> str:
        """How much time a limit gives; a dash where only a letter sets it."""
        if period is None:
            return "—"
        told = words_of(period)
        return self._words.pick(told.zh, told.en)

    def stamp(self, moment: datetime) -> str:
        """A moment in China's time to the second, for what has to be exact."""
        return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"

    def second(self, moment: datetime) -> str:
        """A moment of today in China's time, to the second."""
        return f"{moment.astimezone(CHINA):%H:%M:%S}"

    def day(self, moment: datetime | None) -> str:
        """The day of a moment in China."""
        return "—" if moment is None else f"{moment.astimezone(CHINA):%Y-%m-%d}"

    def moment(self, event: EventView) -> str:
        """When an event happened, as exactly as it is known."""
        precision = Precision(event.precision)
        if precision is Precision.SECOND:
            return self.time(event.time)
        told = {Precision.HOUR: "%Y-%m-%d %H", Precision.MONTH: "%Y-%m", Precision.YEAR: "%Y"}
        local = event.time.astimezone(CHINA).strftime(told.get(precision, "%Y-%m-%d"))
        return self._words(f"precision.{precision}", time=local)

    def value(self, text: str) -> str:
        """A value of a payload; the code of a unit is told by its name."""
        return self.unit(text) if text in self._register.by_code else text

    def count(self, number: int) -> str:
        """A number that was counted up to a thousand."""
        return f"{number}" if number < MOST_TOLD else f"{MOST_TOLD - 1}+"

    def spell(self, key: str, value: object) -> str:
        """A code of ours, such as the state of a clock, by the phrases of the section `key`."""
        return self._words(f"{key}.{value}") if self._words.known(f"{key}.{value}") else str(value)
