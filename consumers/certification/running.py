"""One certification run: the front and the topics that the system talks to, the other side of its cases, the probes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog

from consumers.certification.front import Front
from consumers.certification.probing import Hook, Prober
from consumers.certification.recorded import NOTHING_SEEN, Topics
from consumers.certification.scenario import State, Unasked
from consumers.certification.scenarios import Judged, judge, score
from consumers.certification.watched import Attempt, Exchange, Reply, Transport, Watched

_PAUSE_SECONDS = 0.2
_QUIET = timedelta(seconds=20)
_FEED = "/v1/feeds/me"

log = structlog.get_logger(__name__)

Progress = Callable[[tuple[Judged, ...]], None]
KeyFor = Callable[[str], str | None]
"""An API key to speak for a unit of the sandbox; None if it is not to be spoken for."""


@dataclass(slots=True)
class Run:
    """What has been seen so far. Lives in one event loop; `front.app` is to be served by the caller.

    `listen` tells what was seen on the unit's topics and blocks; None: they are not watched. `http`: the front is.
    """

    unit: str
    gateway: httpx.AsyncClient
    unit_of: Callable[[str], str | None]
    key_for: KeyFor
    prober: Prober
    clock: Callable[[], datetime]
    http: bool = True
    listen: Callable[[datetime], Topics] | None = None
    front: Front = field(init=False)
    _exchanges: list[Exchange] = field(default_factory=list)
    _replies: list[Reply] = field(default_factory=list)
    _topics: Topics = NOTHING_SEEN
    _hooks: list[Hook] = field(default_factory=list)
    _probed: int = 0
    _greeted: int = 0
    _answered: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.front = Front(self.gateway, self.unit, self.unit_of, self._write, self.clock)

    @property
    def seen(self) -> Mapping[Transport, Watched]:
        """Everything up to now, over each transport that is watched."""
        seen = (
            {Transport.HTTP: Watched(self.unit, tuple(self._exchanges), tuple(self._replies))}
            if self.http
            else {}
        )
        if self.listen is not None:
            seen[Transport.KAFKA] = Watched(self.unit, topics=self._topics)
        return seen

    async def until(self, over: Callable[[], bool], progress: Progress) -> tuple[Judged, ...]:
        """Acts as the rest of the sandbox until everything is passed or `over()`; tells every change.

        A way of receiving that the system has not used yet is waited for while it still asks something.
        """
        before: tuple[Judged, ...] = ()
        while True:
            await self._act()
            judged = judge(self.seen)
            if judged != before:
                progress(judged)
                before = judged
            if over() or self._is_complete(judged):
                return judged
            await asyncio.sleep(_PAUSE_SECONDS)

    def _is_complete(self, judged: tuple[Judged, ...]) -> bool:
        active = self._last_active()
        if active is None or not score(judged).certified:
            return False
        return all(map(_is_closed, judged)) or self.clock() - active >= _QUIET

    def _last_active(self) -> datetime | None:
        """When the system last did something; None if it has not begun."""
        asked = [one.at for one in self._exchanges[-1:]]
        written = [one.at for one in self._topics.written[-1:]]
        read = [one.at for one in self._topics.standings[-1:]]
        return max(asked + written + read, default=None)

    def _write(self, exchange: Exchange, headers: Mapping[str, str]) -> None:
        self._exchanges.append(exchange)
        if exchange.method == "POST" and exchange.path == "/v1/webhooks" and exchange.done:
            made, asked = exchange.told, exchange.asked
            key = headers.get("authorization", "")
            self._hooks.append(Hook(self.unit, made["id"], asked["url"], made["secret"], key))

    async def _act(self) -> None:
        if self.listen is not None:
            self._topics = await asyncio.to_thread(self.listen, self.clock())
        await self._reply_to_transfers()
        for hook in self._hooks[self._greeted :]:
            self._greeted += 1
            self._replies.append(await self.prober.greet(hook))
        for hook in self._hooks[self._probed :]:
            entry = await self._first_entry(hook)
            if entry is None:
                return
            self._probed += 1
            self._replies += await self.prober.deliver(hook, entry)

    async def _reply_to_transfers(self) -> None:
        """Says for the addressee that a transfer has come, so that there is something in the unit's feed."""
        said = [one for seen in self.seen.values() for one in seen.attempts()]
        for one in said:
            addressee = str(one.said.data.get("addressee", ""))
            if not one.accepted or one.said.type != "transfer.sent" or one.said.case in self._answered:
                continue
            self._answered.add(one.said.case)
            key = self.key_for(addressee)
            if key is not None:
                await self._say_received(one, addressee, key)

    async def _say_received(self, one: Attempt, addressee: str, key: str) -> None:
        event = {
            "type": "transfer.received",
            "id": f"certify-{self.unit}-{one.said.content[:32]}",
            "case": {"unit": self.unit, "number": one.said.case},
            "time": self.clock().isoformat(),
            "data": {"receipt_no": "接入测试回执", "receiver": "接入测试"},
        }
        headers = {"Authorization": f"Bearer {key}"}
        answer = await self.gateway.post("/v1/events", json=event, headers=headers)
        if answer.is_error:
            log.warning("the other side could not reply", unit=addressee, answer=answer.text[:300])

    async def _first_entry(self, hook: Hook) -> dict[str, Any] | None:
        answer = await self.gateway.get(
            _FEED, params={"after": 0, "limit": 1}, headers={"Authorization": hook.key}
        )
        items: list[dict[str, Any]] = answer.json()["items"] if answer.is_success else []
        return items[0] if items else None


def _is_closed(one: Judged) -> bool:
    return one.finding.state is State.PASSED or isinstance(one.scenario.over[one.transport], Unasked)
