"""Dry runs from the command line: asked of the gateway, or made against the database in the name of a unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from pydantic import TypeAdapter

from consumers.explaining.account import Account
from consumers.explaining.dry_run import DryRun
from infra.cli.failing import fail
from infra.cli.sending import TIMEOUT_SECONDS, name_of, problem_of
from infra.database import engine
from infra.problems import ProblemError
from infra.rules import read_rulebook
from infra.settings import Settings
from producers.gateway.desk import Destroyed
from producers.gateway.dry_runs import DryDesk, Foreseen
from producers.gateway.shapes import MOST_EVENTS
from producers.gateway.statements import Reader
from producers.records import Record
from producers.sealing import Sealer

_ACCOUNTS = TypeAdapter(tuple[Account, ...])


@dataclass(frozen=True, slots=True)
class Foretold:
    """What one event would cause: its account, then those of what the bus would say; or the problem with it."""

    name: str
    accounts: tuple[Account, ...]
    problem: str


def at_gateway(events: Sequence[Any], address: str, key: str) -> Iterator[Foretold]:
    """Asks the gateway, as far as the key's unit may see it. Raises httpx.TransportError if nobody answers.

    More events than one request holds do not see each other across requests.
    """
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=address, headers=headers, timeout=TIMEOUT_SECONDS) as client:
        for start in range(0, len(events), MOST_EVENTS):
            some = events[start : start + MOST_EVENTS]
            answer = client.post("/v1/events", params={"dry_run": True}, json=some)
            if answer.status_code == 207:
                items = answer.json()["items"]
                yield from (_answered(event, item) for event, item in zip(some, items, strict=True))
            else:
                yield from (Foretold(name_of(event), (), problem_of(answer)) for event in some)


def _answered(event: Any, item: dict[str, Any]) -> Foretold:
    foreseen = item.get("foreseen")
    if foreseen is None:
        return Foretold(name_of(event), (), str(item["problem"]["detail"]))
    accounts = _ACCOUNTS.validate_python([foreseen["effect"], *foreseen["follows"]])
    return Foretold(f"{foreseen['source']}/{foreseen['id']}", accounts, "")


def against_database(
    events: Sequence[Any], settings: Settings, unit: str, now: datetime, entropy: Callable[[int], bytes]
) -> Iterator[Foretold]:
    """What `unit` would cause by saying the events at `now`, with everything that an operator may see."""
    rulebook = read_rulebook(settings)
    if unit not in rulebook.register.by_code:
        fail(f"{unit!r} is not in the register: see `linkage unit list`")
    reader = Reader(rulebook.register, settings.max_event_bytes)
    connector = engine(settings, pool=1)
    dry_run = DryRun(connector, rulebook)
    sealer = Sealer(connector, rulebook.register.by_code, lambda: now)

    def foresee(_: str, records: Sequence[Record], at: datetime) -> list[dict[str, Any]]:
        found = dry_run.foresee(None, records, at)
        return [{"accounts": (one.effect, *one.follows)} for one in found]

    read = [_read(reader, event, unit, now, entropy(10)) for event in events]
    records = [one for one in read if isinstance(one, Record)]
    outcomes = iter(DryDesk(connector, foresee, sealer.rehearsed).outcomes(unit, records, now))
    for event, one in zip(events, read, strict=True):
        if isinstance(one, str):
            yield Foretold(name_of(event), (), one)
            continue
        outcome = next(outcomes)
        name = f"{unit}/{one.envelope.id}"
        if isinstance(outcome, Foreseen):
            yield Foretold(name, outcome.effects["accounts"], "")
        elif isinstance(outcome, Destroyed):
            yield Foretold(name, (), "the key of this case was destroyed: nothing is taken for it any more")
        else:
            yield Foretold(name, (), f"the id was used for other content at {outcome.since.isoformat()}")


def _read(reader: Reader, event: Any, unit: str, now: datetime, entropy: bytes) -> Record | str:
    try:
        return reader.record(event, unit=unit, now=now, entropy=entropy)
    except ProblemError as problem:
        return problem.detail
