"""Units that say over HTTP: with the same identity until there is a receipt, at one gateway or the other."""

from __future__ import annotations

import json
import random
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
from sqlalchemy import Engine

from infra.access import issue_key
from schemas.codec import decode, encode
from tests.faults.ledger import Entry, Fate, Ledger, Result
from tests.faults.scripts import UNITS
from tests.faults.sendings import Sending

LISTED = 0.5
REPEATS = 0.1
OTHERS = 0.1
RECENT = 200
PATIENCE_SECONDS = 6.0
PAUSE_SECONDS = 0.1
_AGAIN = (429, 503)
"""Statuses after which the same request is to be repeated."""


class Answer(NamedTuple):
    """What came back for one event; status 0 if nothing did."""

    status: int
    body: Mapping[str, Any] = {}

    @property
    def result(self) -> Result:
        """What the sender knows now."""
        if self.status in {200, 201}:
            return Result.ACCEPTED
        return Result.UNKNOWN if self.status == 0 or self.status in _AGAIN else Result.TURNED_AWAY


NO_ANSWER = Answer(0)


class Poster:
    """Says events at gateways and notes each attempt in the ledger. May be shared by threads.

    Each attempt goes to a gateway by chance. What has no receipt is sent again, the same event under the same id,
    until it has one; what was in doubt for a while is asked for once more. Recent events are repeated by chance,
    and said otherwise under the same identity.
    """

    def __init__(self, addresses: Sequence[str], keys: Mapping[str, str], ledger: Ledger, topic: str) -> None:
        self._addresses = addresses
        self._keys = keys
        self._ledger = ledger
        self._topic = topic
        self._recent: deque[Sending] = deque(maxlen=RECENT)
        self._closed = threading.Event()
        self._client = httpx.Client(timeout=PATIENCE_SECONDS)

    def say(self, records: Sequence[Sending], chance: random.Random) -> None:
        """Say the events of one unit, in this order, in a list or one by one."""
        if chance.random() < LISTED:
            self._until_known(records, chance)
        else:
            for record in records:
                self._until_known([record], chance)
        self._recent.extend(records)
        if chance.random() < REPEATS:
            self._until_known([chance.choice(list(self._recent))], chance, Fate.REPEAT)
        if chance.random() < OTHERS:
            self._until_known([said_otherwise(chance.choice(list(self._recent)))], chance, Fate.OTHER)

    def close(self) -> None:
        """Give up what has no receipt yet."""
        self._closed.set()
        self._client.close()

    def _until_known(
        self, records: Sequence[Sending], chance: random.Random, fate: Fate = Fate.EVENT
    ) -> None:
        waiting, in_doubt = records, False
        while waiting and not self._closed.is_set():
            answers = self._ask(waiting, chance)
            for record, answer in zip(waiting, answers, strict=True):
                self._ledger.note(_entry(record, fate, answer, self._topic))
            known = [answer.result is not Result.UNKNOWN for answer in answers]
            waiting = [record for record, settled in zip(waiting, known, strict=True) if not settled]
            if waiting:
                in_doubt = True
                self._closed.wait(PAUSE_SECONDS)
        if in_doubt and fate is Fate.EVENT:
            self._until_known(records, chance, Fate.REPEAT)

    def _ask(self, records: Sequence[Sending], chance: random.Random) -> list[Answer]:
        said = [_statement(record) for record in records]
        try:
            response = self._client.post(
                f"{chance.choice(self._addresses)}/v1/events",
                json=said if len(said) > 1 else said[0],
                headers={"Authorization": f"Bearer {self._keys[records[0].unit]}"},
            )
        except (httpx.TransportError, RuntimeError):  # a closed client raises the latter
            return [NO_ANSWER] * len(records)
        body = response.json()
        if response.status_code != 207:
            return [Answer(response.status_code, body)] * len(records)
        return [Answer(item["status"], item.get("receipt") or item["problem"]) for item in body["items"]]


def said_otherwise(record: Sending) -> Sending:
    """Other content under the same identity."""
    data = decode(record.value or b"").data
    return replace(record, value=encode(record.envelope.type, {**data, "summary": "另一内容"}))


def _statement(record: Sending) -> dict[str, Any]:
    told = record.envelope
    return {
        "type": told.type,
        "id": told.id,
        "case": {"number": told.origin_case, "unit": told.origin_unit},
        "time": told.time.isoformat(),
        "field": told.field,
        "data": decode(record.value or b"").data,
    }


def _entry(record: Sending, fate: Fate, answer: Answer, topic: str) -> Entry:
    accepted = answer.result is Result.ACCEPTED
    return Entry(
        fate=fate,
        result=answer.result,
        topic=topic,
        offset=answer.body["offset"] if accepted else -1,
        source=record.envelope.source,
        event_id=record.envelope.id,
        case_id=str(record.envelope.subject),
        type=record.envelope.type,
        sha256=record.sha256,
        reason="" if accepted else str(answer.body.get("detail", "")),
        status=answer.status,
        receipt=json.dumps(answer.body, sort_keys=True) if accepted else "",
    )


def issue_keys(engine: Engine) -> Mapping[str, str]:
    """A key for every unit of the scripts."""
    with engine.begin() as connection:
        return {unit: issue_key(connection, unit, now=datetime.now(UTC)) for unit in UNITS}
