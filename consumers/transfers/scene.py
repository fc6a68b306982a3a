"""One event in its case, as the routing rows look at it: who speaks, who acts in which role, who stands where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from consumers.casefile import Case, CaseEvent
from schemas.units import PROCURATORATE, Register, Role, Unit

LETTERS_TO_ANSWER = frozenset(
    {"reverse.opinion_issued", "reverse.followed_up", "pil.suggested", "pil.consulted"}
)
"""Letters of the procuratorate whose addressee reports back what it did."""
DEMANDS_TO_TRANSFER = frozenset({"opinion.to_transfer_issued"})


@dataclass(slots=True)  # not frozen: made for every event, and never kept
class Scene:
    """`event`, the last event of `case`, with the `roles` as they are after it."""

    case: Case
    event: CaseEvent
    roles: Mapping[Role, str]
    register: Register

    @property
    def speaker(self) -> str:
        """The unit that says the event."""
        return self.event.envelope.source

    @property
    def data(self) -> Mapping[str, Any]:
        """The event's payload."""
        return self.event.data

    @property
    def addressee(self) -> str | None:
        """The unit the event is addressed to by name, registered or not."""
        return self.event.data.get("addressee")

    def unit(self, code: str | None) -> Unit | None:
        """A registered unit, or None."""
        return None if code is None else self.register.by_code.get(code)

    def department(self, role: Role) -> str | None:
        """The department that acts as `role` for this event.

        Departments copy each other inside their own procuratorate, whichever district the case comes from.
        To anybody else the procuratorate of the case is the one whose department has acted in it so far, or
        the one of the district of the unit that opened it.
        """
        speaker = self.register.by_code.get(self.event.envelope.source)
        if speaker is not None and not speaker.roles.isdisjoint(PROCURATORATE):
            own = self.register.acting(speaker.district, role)
            if own is not None:
                return own
        return self.roles.get(role) or self.register.acting(self.case.district, role)

    def place_of_enforcement(self) -> str:
        """The district of the organ the event addresses, else of the unit that says it, else of the case."""
        for code in (self.addressee, self.speaker):
            unit = self.unit(code)
            if unit is not None:
                return unit.district
        return self.case.district

    def standing(self, types: frozenset[str]) -> Iterator[CaseEvent]:
        """The standing events of these types, this one included."""
        for event in self.case.events:
            if event.envelope.type in types and event.identity not in self.case.voided:
                yield event

    def askers(self, letters: frozenset[str]) -> tuple[str, ...]:
        """Who wrote the standing letters that are addressed to the speaker of this event."""
        found = {
            e.envelope.source: None for e in self.standing(letters) if e.data.get("addressee") == self.speaker
        }
        return tuple(found)
