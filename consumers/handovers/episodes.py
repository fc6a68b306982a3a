"""Which starting and ending events of a case belong together: the duties that arose, one after another.

Everything here depends on the set of events alone, never on the order in which they were reported. Times are
compared by what is possible: a start counts from its earliest instant, an end up to its latest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter

from consumers.casefile import CaseEvent, Identity
from consumers.handovers.docket import BEGINNING_OF_TIME, END_OF_TIME, Docket
from consumers.handovers.duty import PARTY, Duty, Key, Proof, Start, Stop, agree, fits, key_of
from consumers.handovers.episode import Beginning, Ending, Episode
from consumers.handovers.holders import holders
from consumers.handovers.shared_duties import by_share, is_shared
from consumers.parties import suspects

_STARTED_AGAIN = Stop("", Proof.LATER)
_ANYBODY: Key = (None,)


def episodes(duty: Duty, docket: Docket, starts: Sequence[Start], stops: Sequence[Stop]) -> Sequence[Episode]:
    """Every time the duty arose in the case, including those whose starts were all voided.

    `starts` and `stops` are those of the duty that the case has events of.
    """
    beginnings = _beginnings(duty, docket, starts)
    if not beginnings:
        return ()
    endings = _endings(docket, stops)
    if is_shared(duty, beginnings, endings):
        return by_share(duty, docket, beginnings, endings, _apart)
    return _apart(duty, beginnings, endings)


def _apart(duty: Duty, beginnings: Sequence[Beginning], endings: list[Ending]) -> Sequence[Episode]:
    if len(beginnings) == 1:
        return (_once(duty, beginnings[0], endings),)
    return list(_several(duty, beginnings, endings))


def _beginnings(duty: Duty, docket: Docket, starts: Sequence[Start]) -> list[Beginning]:
    voided = docket.case.voided
    replaced = _replaced(docket) if voided else frozenset()
    found: list[Beginning] = []
    for start in starts:
        for event in docket.by_type[start.type]:
            if start.only and not fits(start.only, event.data):
                continue
            stands = not voided or event.identity not in voided
            if not stands and event.identity in replaced:
                continue
            at = event.span.earliest or BEGINNING_OF_TIME
            for holder, key in holders(duty, start, event, docket):
                found.append(Beginning(event, start, holder, key, at, stands))
    return found


def _endings(docket: Docket, stops: Sequence[Stop]) -> list[Ending]:
    return [
        Ending(event, stop, event.span.latest or END_OF_TIME)
        for stop in stops
        for event in docket.standing(stop.type)
        if not stop.only or fits(stop.only, event.data)
    ]


def _once(duty: Duty, only: Beginning, endings: list[Ending]) -> Episode:
    _, _, holder, key, at, _ = only
    ended = [one for one in endings if (one.at >= at or one.stop.early) and _concerns(one, duty, holder, key)]
    return Episode(duty, holder, key, 0, only, (only,), ended)


def _several(duty: Duty, beginnings: Sequence[Beginning], endings: list[Ending]) -> Iterator[Episode]:
    groups: dict[tuple[str, Key], list[Beginning]] = {}
    for one in beginnings:
        groups.setdefault((one.holder, one.key), []).append(one)
    if duty.key and len(groups) > 1:
        groups = _joined(groups)
    for (holder, key), group in groups.items():
        if all(one.stands for one in group):
            yield from _of_group(duty, holder, key, group, endings)
        else:
            yield from _as_if_never_said(duty, holder, key, group, endings)


def _of_group(
    duty: Duty, holder: str, key: Key, group: list[Beginning], endings: list[Ending]
) -> Iterator[Episode]:
    if len(group) == 1:
        yield _once(duty, group[0], endings)
        return
    ended = [one for one in endings if _concerns(one, duty, holder, key)]
    last = max([one.at for one in group])
    if not duty.restarts and all(one.at >= last for one in ended):
        yield Episode(duty, holder, key, 0, _counted(group), group, ended)
    else:
        yield from _in_order(duty, holder, key, group, ended)


def _as_if_never_said(
    duty: Duty, holder: str, key: Key, group: list[Beginning], endings: list[Ending]
) -> Iterator[Episode]:
    """The episodes of the starts that stand, as if the voided ones had never been said; and those of the voided.

    The numbers are those with all starts: a clock that has rung keeps its id when an earlier start is voided.
    """
    numbered = list(_of_group(duty, holder, key, list(group), endings))
    numbers = {one.event.identity: told.number for told in numbered for one in told.beginnings}
    standing = [one for one in group if one.stands]
    taken: set[int] = set()
    for told in _of_group(duty, holder, key, standing, endings) if standing else ():
        number = numbers[told.counted.event.identity]
        while number in taken:
            number += 1
        taken.add(number)
        yield told._replace(number=number)
    yield from (told for told in numbered if not told.counted.stands and told.number not in taken)


def _replaced(docket: Docket) -> frozenset[Identity]:
    """Voided events in whose place a corrected one stands: that one takes the duty over, under the same number."""
    voided = docket.case.voided
    known = {event.identity for event in docket.case.events} - voided
    pairs = (
        (event.data["regarding_source"], event.data["regarding_id"], event.data.get("replacement_id"))
        for event in docket.by_type.get("case.corrected", ())
    )
    return frozenset(
        (source, wrong)
        for source, wrong, right in pairs
        if (source, wrong) in voided and (source, right) in known
    )


def _joined(groups: dict[tuple[str, Key], list[Beginning]]) -> dict[tuple[str, Key], list[Beginning]]:
    """Starts that leave open what they are about join the one group of their holder that they fit, if only one."""
    joined: dict[tuple[str, Key], list[Beginning]] = {}
    for (holder, key), beginnings in groups.items():
        goal = key
        if None in key:
            fitting = [
                other for unit, other in groups if unit == holder and None not in other and agree(key, other)
            ]
            goal = fitting[0] if len(fitting) == 1 else key
        joined.setdefault((holder, goal), []).extend(beginnings)
    return joined


def _concerns(ending: Ending, duty: Duty, holder: str, key: Key) -> bool:
    if ending.stop.by_holder and ending.event.envelope.source != holder:
        return False
    stop = ending.stop
    if not key or stop.any_key:
        return True
    return agree(key_of(stop.key or duty.key, ending.event.data), key) and _lists(ending.event, duty, key)


def _lists(event: CaseEvent, duty: Duty, key: Key) -> bool:
    """Whether an event that lists parties lists the one that the duty is about."""
    if duty.key != PARTY or key == _ANYBODY or not event.data.get("parties"):
        return True
    return any(name == key[0] for name in suspects(event))


def _in_order(
    duty: Duty, holder: str, key: Key, beginnings: list[Beginning], endings: list[Ending]
) -> Iterator[Episode]:
    """A start opens an episode, an end closes it, the next start opens another.

    A start while one is open tells of the same duty.
    """
    beginnings.sort(key=_by_time)
    endings.sort(key=attrgetter("at"))
    first = [one for one in endings if one.at < beginnings[0].at]
    begun: list[Beginning] = []
    ended = [one for one in first if one.stop.early]
    taken, closed, number = len(first), False, 0
    for beginning in beginnings:
        while taken < len(endings) and endings[taken].at < beginning.at:
            ended.append(endings[taken])
            taken, closed = taken + 1, True
        if duty.restarts and begun:
            ended.append(Ending(beginning.event, _STARTED_AGAIN, beginning.at))
            closed = True
        if closed and (duty.restarts or not _belated(beginning, begun)):
            yield Episode(duty, holder, key, number, _counted(begun), begun, ended)
            begun, ended, closed, number = [], [], False, number + 1
        begun.append(beginning)
    yield Episode(duty, holder, key, number, _counted(begun), begun, ended + endings[taken:])


def _counted(begun: list[Beginning]) -> Beginning:
    return min(begun, key=lambda one: (not one.stands, *_by_preference(one)))


def _by_preference(one: Beginning) -> tuple[bool, datetime, str, Identity]:
    return (one.start.assumed, one.at, one.start.type, one.event.identity)


def _by_time(one: Beginning) -> tuple[datetime, bool, str, Identity]:
    return (one.at, one.start.assumed, one.start.type, one.event.identity)


def _belated(beginning: Beginning, known: Iterable[Beginning]) -> bool:
    """Whether a start after the end still tells of the same duty, like a receipt signed after the decision."""
    return not beginning.start.assumed and all(one.start.type != beginning.start.type for one in known)
