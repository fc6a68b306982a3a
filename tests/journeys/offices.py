"""Offices as they meet the bus: each says events with the publisher or over HTTP, and reads its own feed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import httpx

from consumers.feeds.subscriber import FeedItem, Subscriber
from infra.dev.supervisor import Dev
from producers.ingress import GatewayIngress
from producers.publisher import Publisher
from schemas.identity import case_id

SECONDS = 40.0


class Case:
    """A case by the number that the unit which opened it gave it."""

    def __init__(self, unit: str, number: str, field: str) -> None:
        self.unit = unit
        self.number = number
        self.field = field
        self.id = case_id(unit, number)


class Office:
    """One unit's own system on a running installation."""

    def __init__(self, dev: Dev, unit: str) -> None:
        settings = dev.settings
        self.unit = unit
        self._dev = dev
        self._open = ExitStack()
        self._publisher = Publisher(unit, settings.bootstrap, register=dev.register, names=settings.topics)
        self._feed = Subscriber(
            unit, settings.bootstrap, group=f"{settings.namespace}{unit}", names=settings.topics
        )
        self._http = httpx.Client(
            base_url=dev.gateway, headers={"Authorization": f"Bearer {dev.keys[unit]}"}, timeout=SECONDS
        )
        self._read: list[FeedItem] = []

    @cached_property
    def _sealing(self) -> Publisher:
        """Made when it is first needed: most offices say what they say in the clear."""
        dev, settings = self._dev, self._dev.settings
        return self._open.enter_context(
            Publisher(
                self.unit,
                settings.bootstrap,
                register=dev.register,
                names=settings.topics,
                ingress=GatewayIngress(dev.gateway, dev.keys[self.unit]),
            )
        )

    def says(
        self,
        case: Case,
        type_: str,
        at: datetime | None = None,
        *,
        event_id: str = "",
        sealed: bool = False,
        **data: Any,
    ) -> str:
        """Publishes over Kafka, under an id of its own if none is given; returns the event's id."""
        when = at or datetime.now(UTC)
        receipt = (self._sealing if sealed else self._publisher).publish(
            type_,
            case.number,
            case_unit=case.unit,
            field=case.field,
            occurred_at=when,
            data=data,
            event_id=event_id,
        )
        return receipt.id

    def posts(self, case: Case, type_: str, at: datetime | None = None, **data: Any) -> httpx.Response:
        """Publishes over HTTP, under an id that names the case and the type."""
        when = at or datetime.now(UTC)
        body = {
            "type": type_,
            "id": f"{case.id}/{type_}",
            "case": {"unit": case.unit, "number": case.number},
            "time": when.isoformat(),
            "field": case.field,
            "data": data,
        }
        return self._http.post("/v1/events", json=body)

    def gets(self, path: str, **query: Any) -> httpx.Response:
        """Asks the gateway."""
        return self._http.get(path, params=query)

    def acknowledges(self, seq: int) -> httpx.Response:
        """Says over HTTP that everything up to this number is safe."""
        return self._http.post("/v1/feeds/me/ack", json={"seq": seq})

    def hears(self, case: Case, type_: str) -> FeedItem:
        """Waits for an event of this type and case in the feed. AssertionError if it does not come."""
        deadline = time.monotonic() + SECONDS
        while True:
            for item in self._read:
                if item.envelope.subject == case.id and item.envelope.type == type_:
                    return item
            assert time.monotonic() < deadline, (
                f"{self.unit} does not hear of {type_}, only of {self.heard(case)}"
            )
            self._read.extend(self._feed.items(idle_seconds=0.2))

    def heard(self, case: Case) -> list[str]:
        """The types of all events of the case that are in the feed by now, in order."""
        self._read.extend(self._feed.items(idle_seconds=0.5))
        return [item.envelope.type for item in self.items(case)]

    def items(self, case: Case) -> list[FeedItem]:
        """All of the case that was read so far, in order."""
        return [item for item in self._read if item.envelope.subject == case.id]

    def clocks(self, case: Case) -> Mapping[str, Mapping[str, Any]]:
        """The clocks of the case that this unit may see, by rule."""
        answer = self.gets(f"/v1/cases/{case.unit}:{case.number}")
        answer.raise_for_status()
        return {clock["rule"]: clock for clock in answer.json()["clocks"]}

    def close(self) -> None:
        """Disconnects."""
        self._publisher.close()
        self._open.close()
        self._feed.close()
        self._http.close()
