"""What was seen of an agency's system during a certification run: its requests, the answers, its replies to probes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


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
class Said:
    """One event in a request, as far as the rules look at it. `content` is a digest of all but its id."""

    id: str
    type: str
    case: str
    time: datetime | None
    content: str
    data: Mapping[str, Any]


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
    """One event said in one exchange, with what became of it. `n` is the exchange's place in the run."""

    n: int
    exchange: Exchange
    said: Said
    status: int
    reason: str
    detail: str

    @property
    def accepted(self) -> bool:
        """Whether the sender was given a receipt."""
        return self.status in (200, 201)


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
    """Everything that was seen, in order."""

    unit: str
    exchanges: tuple[Exchange, ...] = ()
    replies: tuple[Reply, ...] = field(default=())

    def attempts(self) -> Iterator[Attempt]:
        """Every event that was said, in order; dry runs are none."""
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
        yield Attempt(n, exchange, said, status, reason, str(problem.get("detail", "")))
