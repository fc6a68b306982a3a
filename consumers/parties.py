"""Whom a case is about: the suspects (犯罪嫌疑人) and other parties that its events name. Pure.

Parties are told apart by the name under which the events name them: nothing else of a party stands in every event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from consumers.casefile import CaseEvent

NO_SUSPECT = ("被害", "证人", "举报", "报案")
"""Words in a party's role that tell that it is no suspect. Sealing keeps them readable."""
_NOBODY: frozenset[str] = frozenset()


def suspects(event: CaseEvent) -> Iterator[str]:
    """The parties listed in the event, without victims, witnesses and whoever reported."""
    for party in event.data.get("parties") or ():
        if _may_be_suspect(party.get("role")):
            yield party["name"]


@lru_cache(maxsize=1024)
def _may_be_suspect(role: str | None) -> bool:
    return role is None or not any(word in role for word in NO_SUSPECT)


def named(event: CaseEvent) -> frozenset[str]:
    """The parties that the event is about; empty: about the case as a whole."""
    party = event.data.get("party")
    if party is not None:
        return frozenset({party})
    return frozenset(suspects(event)) if event.data.get("parties") else _NOBODY


def known(events: Iterable[CaseEvent]) -> tuple[str, ...]:
    """Every party that some of the events name, in the order in which they are first named."""
    found: dict[str, None] = {}
    for event in events:
        if event.data.get("parties"):
            found |= dict.fromkeys(suspects(event))
        party = event.data.get("party")
        if party is not None:
            found[party] = None
    return tuple(found)
