"""A case told event by event that also keeps what was delivered to whom, for tests of exchanges."""

from __future__ import annotations

from consumers.casefile import CaseEvent
from consumers.readmodel.standing import case_told_by
from consumers.transfers.exchanges import TRACK_OF, Exchange, exchanges
from tests.consumers.casework.story import REGISTER, Story, received

Heard = dict[tuple[str, str], dict[str, str]]


class Told(Story):
    """A story that also keeps what was delivered to whom."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.heard: Heard = {}

    def tell(self, unit: str, type_: str, **data: object) -> CaseEvent:
        folded = self.say(unit, type_, **data)
        event = self.told[-1]
        self.heard[event.identity] = {to: as_what.value for to, as_what in received(folded).items()}
        return event

    def seen(self, unit: str | None = None) -> list[Exchange]:
        """The exchanges as `unit` sees them; None: as whoever sees everything does."""
        seen = [
            one
            for one in self.told
            if unit in (None, one.envelope.source) or unit in self.heard.get(one.identity, {})
        ]
        known = {
            one.identity: {
                to: as_what
                for to, as_what in self.heard.get(one.identity, {}).items()
                if unit in (None, one.envelope.source, to)
            }
            for one in seen
        }
        events = case_told_by(seen).standing(*TRACK_OF) if seen else ()
        return exchanges(events, known, REGISTER, midway=unit is not None)
