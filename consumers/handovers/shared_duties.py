"""Duties that are owed for several parties at once: a decision about one of them ends nothing for the others.

Such a limit runs for the file (案件) and not for a person, so there is one clock, which ends with the decision
about the last of them. Until then a breach is not certain: the decisions about the others may only be unreported.
Parties who are sent on later have a period of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from consumers.casefile import Identity
from consumers.handovers.docket import Docket
from consumers.handovers.duty import Duty, Key
from consumers.handovers.episode import Beginning, Ending, Episode
from consumers.parties import known, suspects

_Episodes = Callable[[Duty, Sequence[Beginning], list[Ending]], Sequence[Episode]]


class Share(NamedTuple):
    """Starting events that are about the same parties; `key` tells them from the others, the first has none."""

    names: frozenset[str]
    key: Key
    beginnings: Sequence[Beginning]


def is_shared(duty: Duty, beginnings: Sequence[Beginning], endings: Sequence[Ending]) -> bool:
    """Whether the parties of the case can matter to the duty: it may end for one of them, or begin for others."""
    return duty.shared and (
        (duty.restarts and len(beginnings) > 1) or any(_about_one(one) is not None for one in endings)
    )


def by_share(
    duty: Duty, docket: Docket, beginnings: Sequence[Beginning], endings: list[Ending], episodes: _Episodes
) -> list[Episode]:
    """The episodes of a shared duty: those of each share, which ends once it has ended for each of its parties."""
    shares = _shares(beginnings) if duty.restarts else [Share(_names(beginnings), (), beginnings)]
    whole = frozenset(known_suspects(docket)) if any(not one.names for one in shares) else frozenset()
    found: list[Episode] = []
    for share in shares:
        others = frozenset[str]().union(*(one.names for one in shares if one is not share)) - share.names
        about = [one for one in endings if _about_one(one) not in others]
        last = _that_end(about, share.names or whole)
        found += [_episode(one, share, about) for one in episodes(duty, share.beginnings, last)]
    return found


def _episode(found: Episode, share: Share, about: Sequence[Ending]) -> Episode:
    partly = found.end is None and any(one.at >= found.counted.at for one in about)
    return found._replace(key=share.key, partly=partly)


def known_suspects(docket: Docket) -> Iterator[str]:
    """Every suspect that a standing event of the case lists."""
    return (name for event in docket.case.events if docket.stands(event) for name in suspects(event))


def _that_end(endings: list[Ending], names: frozenset[str]) -> list[Ending]:
    """The endings without those that leave somebody of `names` undecided."""
    last: list[Ending] = []
    decided: set[str] = set()
    for one in sorted(endings, key=_in_time):
        party = _about_one(one)
        if party is not None:
            decided.add(party)
        if party is None or len(names) < 2 or names <= decided:
            last.append(one)
    return last


def _in_time(one: Beginning | Ending) -> tuple[datetime, Identity]:
    return (one.at, one.event.identity)


def _about_one(ending: Ending) -> str | None:
    party: str | None = ending.event.data.get("party") if ending.stop.of_party else None
    return party


def _shares(beginnings: Sequence[Beginning]) -> list[Share]:
    """The starts put together as far as they have parties in common; one that names nobody is about all."""
    groups: list[list[Beginning]] = []
    for one in sorted(beginnings, key=_in_time):
        joined = [group for group in groups if _overlap(_names(group), _names([one]))]
        groups = [group for group in groups if group not in joined]
        groups.append(sorted([*(each for group in joined for each in group), one], key=_in_time))
    groups.sort(key=lambda group: _in_time(group[0]))
    return [
        Share(_names(group), ("\n".join(sorted(_names(group[:1]))),) if number else (), group)
        for number, group in enumerate(groups)
    ]


def _names(beginnings: Sequence[Beginning]) -> frozenset[str]:
    """Whom the starts are about; empty: whoever is known."""
    each = [frozenset(known([one.event])) for one in beginnings]
    return frozenset[str]() if any(not names for names in each) else frozenset[str]().union(*each)


def _overlap(some: frozenset[str], others: frozenset[str]) -> bool:
    return not some or not others or not some.isdisjoint(others)
