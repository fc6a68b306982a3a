"""What was seen of an agency's system over one transport: requests and answers, replies to probes, or its topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from consumers.certification.reading import Said
from consumers.certification.recorded import NOTHING_SEEN, Topics


class Transport(StrEnum):
    """What a system and the bus talk over."""

    HTTP = "http"
    KAFKA = "kafka"


class Meddling(StrEnum):
    """What the run did to one request on purpose, to see what the system makes of it."""

    LOST_RECEIPT = "lost-receipt"  # the bus had the event, the sender was told 503
    BUSY = "busy"  # 429 with Retry-After in place of an answer
    REPEATED = "repeated"  # a page of the feed begins with entries that were delivered before


class Probe(StrEnum):
    """What the run itself sends to a webhook's receiver."""

    HANDSHAKE = "handshake"
    GENUINE = "genuine"
    AGAIN = "again"  # the genuine one once more
    FORGED = "forged"  # signed with another secret
    STALE = "stale"  # signed rightly, but an hour ago


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. `asked` and `told` are their JSON, or None."""

    at: datetime
    method: str
    path: str
    query: Mapping[str, str]
    status: int
    asked: Any = None
    told: Any = None
    said: tuple[Said, ...] = ()
    meddled: Meddling | None = None
    retry_after: float = 0.0
    last_event_id: str = ""

    @property
    def done(self) -> bool:
        """Whether the bus did what was asked."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Attempt:
    """One event said once, over whatever transport, with what became of it. `n` is its place in the run.

    `status` is that of the gateway; for a record of Kafka the one that the gateway would have given, and 202 while
    the bus has not decided. `exchange` is the request that it was part of; None over Kafka.
    """

    n: int
    at: datetime
    said: Said
    status: int
    reason: str
    detail: str
    exchange: Exchange | None = None

    @property
    def accepted(self) -> bool:
        """Whether the bus has taken it, now or before."""
        return self.status in (200, 201)

    @property
    def decided(self) -> bool:
        """Whether it is known what became of it."""
        return self.status != 202

    @property
    def listed(self) -> bool:
        """Whether it was said in a list."""
        return self.exchange is not None and self.exchange.status == 207

    @property
    def meddled(self) -> Meddling | None:
        """What the run did to its request."""
        return None if self.exchange is None else self.exchange.meddled


@dataclass(frozen=True, slots=True)
class Reply:
    """How the receiver answered a probe; `status` is None if it was not reached, `told` says why."""

    at: datetime
    probe: Probe
    status: int | None
    told: str
    echoed: bool = False

    @property
    def accepted(self) -> bool:
        """Only 2xx is a yes."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Watched:
    """Everything that was seen over one transport, in order."""

    unit: str
    exchanges: tuple[Exchange, ...] = ()
    replies: tuple[Reply, ...] = field(default=())
    topics: Topics = field(default=NOTHING_SEEN)

    def attempts(self) -> Iterator[Attempt]:
        """Every event that was said, in order; dry runs are none."""
        for one in self.topics.written:
            yield Attempt(one.offset, one.at, one.said, one.status, one.reason, one.detail)
        for n, exchange in enumerate(self.exchanges):
            if exchange.query.get("dry_run", "false") in ("false", "0"):
                yield from _attempts(n, exchange)

    def asking(self, method: str, path: str) -> list[tuple[int, Exchange]]:
        """The exchanges by this method whose path begins so, each with its place in the run."""
        return [
            (n, one)
            for n, one in enumerate(self.exchanges)
            if one.method == method and one.path.startswith(path)
        ]

    def sent_documents(self) -> frozenset[str]:
        """The digests of the documents that the unit has sent to the gateway."""
        prefix = "/v1/documents/"
        put = {one.path.removeprefix(prefix).lower() for _, one in self.asking("PUT", prefix) if one.done}
        return self.topics.documents | put

    def probed(self, probe: Probe) -> list[Reply]:
        """The replies to this probe."""
        return [one for one in self.replies if one.probe is probe]


def _attempts(n: int, exchange: Exchange) -> Iterator[Attempt]:
    listed = exchange.status == 207 and isinstance(exchange.told, Mapping)
    items = exchange.told["items"] if listed else [None] * len(exchange.said)
    for said, item in zip(exchange.said, items, strict=False):
        status = exchange.status if item is None else item["status"]
        problem = exchange.told if item is None else item.get("problem")
        problem = problem if isinstance(problem, Mapping) else {}
        reason = problem.get("reason") or str(problem.get("type", "")).rpartition(":")[2]
        yield Attempt(n, exchange.at, said, status, reason, str(problem.get("detail", "")), exchange)
