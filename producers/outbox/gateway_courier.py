"""The courier that uses the gateway: for agencies that reach the bus by HTTPS only."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import httpx

from producers.outbox.couriers import Delivered, Outcome, Refused, Unsettled, is_answered
from producers.receipts import Receipt
from producers.records import Record
from schemas.codec import decode_json
from schemas.sealed.ingress import is_sealed

_MOST_BYTES = 4 * 1024 * 1024
"""Of one request, as records: the gateway takes 8 MiB of JSON."""
_REFUSALS = frozenset({409, 413, 422})
"""What the gateway says of an event itself. Every other status is about the connection or the moment."""
_ONE_SPOILS_ALL = frozenset({400, 413, 422, 500})
"""What the gateway may answer to a whole request because of one event in it."""


class GatewayCourier:
    """Brings records to `POST /v1/events` at `address`, authorised by the unit's `key`.

    `options` go to httpx.Client (certificates, proxy). Used by one thread.
    """

    def __init__(
        self,
        address: str,
        key: str,
        *,
        most: int = 100,
        patience_seconds: float = 40.0,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.most = most
        self.patience_seconds = patience_seconds
        self._client = httpx.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {key}"},
            timeout=patience_seconds,
            **(options or {}),
        )

    def deliver(self, records: Sequence[Record]) -> list[Outcome]:
        """Sends them in as few requests as their size allows; after one that fails the rest is not tried."""
        outcomes: list[Outcome] = []
        for some in _requests(records):
            told = self._ask(some)
            outcomes += told
            if not any(is_answered(one) for one in told):
                break
        return outcomes + [Unsettled("the request before failed")] * (len(records) - len(outcomes))

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, records: Sequence[Record]) -> list[Outcome]:
        said = [as_event(record) for record in records]
        try:
            answer = self._client.post("/v1/events", json=said)
        except httpx.HTTPError as error:
            return [Unsettled(f"the gateway does not answer: {type(error).__name__}: {error}")] * len(said)
        if answer.status_code in _ONE_SPOILS_ALL:
            return self._apart(records, answer)
        if answer.status_code != 207:
            return [_whole(answer)] * len(said)
        return [_item(item) for item in answer.json()["items"]]

    def _apart(self, records: Sequence[Record], answer: httpx.Response) -> list[Outcome]:
        """One event spoils the request: ask for the halves, until it stands alone."""
        if len(records) == 1:
            return [Unsettled(_whole(answer).problem, answered=True)]
        half = len(records) // 2
        return self._ask(records[:half]) + self._ask(records[half:])


def as_event(record: Record) -> dict[str, Any]:
    """The record in the shape that `POST /v1/events` takes."""
    envelope = record.envelope
    event = {
        "type": envelope.type,
        "id": envelope.id,
        "source": envelope.source,
        "case": {"number": envelope.origin_case, "unit": envelope.origin_unit},
        "time": envelope.time.isoformat(),
        "precision": envelope.precision.value,
        "field": envelope.field,
        "operator": envelope.operator,
        "classification": envelope.classification,
        "causation": envelope.causation,
        "correlation": envelope.correlation,
    }
    if is_sealed(record.value):
        event["sealed"] = b64encode(record.value).decode()
    else:
        event["data"] = decode_json(record.value)
    return {name: value for name, value in event.items() if value != ""}


def _requests(records: Sequence[Record]) -> Iterator[list[Record]]:
    some: list[Record] = []
    size = 0
    for record in records:
        if some and size + record.size > _MOST_BYTES:
            yield some
            some, size = [], 0
        some.append(record)
        size += record.size
    if some:
        yield some


def _whole(answer: httpx.Response) -> Unsettled:
    """An answer for the request as a whole says nothing against an event."""
    wait = answer.headers.get("retry-after", "")
    return Unsettled(
        f"the gateway answered {answer.status_code}: {_detail(answer)}",
        float(wait) if wait.isdigit() else 0.0,
    )


def _item(item: Mapping[str, Any]) -> Outcome:
    receipt = item.get("receipt")
    if receipt is not None:
        return Delivered(
            Receipt(
                source=receipt["source"],
                id=receipt["id"],
                topic=receipt["topic"],
                partition=receipt["partition"],
                offset=receipt["offset"],
                digest=receipt["digest"],
            )
        )
    problem = item["problem"]
    if item["status"] in _REFUSALS:
        return Refused(problem.get("reason") or problem["type"].rpartition(":")[2], problem["detail"])
    return Unsettled(problem["detail"], answered=True)


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return "no reason was given; is the address that of the gateway?"
