"""Sends to the receiver of a webhook what the bus sends, and what only a forger would."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from consumers.certification.watched import Probe, Reply
from consumers.webhooks.secrets import secret_of
from consumers.webhooks.sending import Message, Sender

_STALE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook that the unit registered during the run, with its secret and the key that it was registered by."""

    unit: str
    id: str
    url: str
    secret: str
    key: str


class Prober:
    """Asks one receiver. Addresses and hosts are checked as for any delivery."""

    def __init__(self, sender: Sender, clock: Callable[[], datetime]) -> None:
        self._sender = sender
        self._clock = clock

    async def greet(self, hook: Hook) -> Reply:
        """A handshake with a word of its own."""
        word = secrets.token_hex(32)
        told = {"type": "linkage.handshake", "unit": hook.unit, "challenge": word}
        reply = await self._sender.post(
            hook.unit, hook.url, hook.secret, _message(f"{hook.id}.certify", told), self._clock()
        )
        echoed = _challenge(reply.body) == word
        return Reply(self._clock(), Probe.HANDSHAKE, reply.answer.status, reply.answer.told, echoed)

    async def deliver(self, hook: Hook, entry: dict[str, Any]) -> list[Reply]:
        """One entry of the feed: as the bus sends it, once more, signed by another, and signed an hour ago."""
        message = _message(
            f"{hook.id}.{entry['seq']}", {"type": "linkage.entry", "unit": hook.unit, "entry": entry}
        )
        stranger = secret_of(secrets.token_bytes(32))
        tries = (
            (Probe.GENUINE, hook.secret, timedelta()),
            (Probe.AGAIN, hook.secret, timedelta()),
            (Probe.FORGED, stranger, timedelta()),
            (Probe.STALE, hook.secret, _STALE),
        )
        replies = []
        for probe, secret, age in tries:
            reply = await self._sender.post(hook.unit, hook.url, secret, message, self._clock() - age)
            replies.append(Reply(self._clock(), probe, reply.answer.status, reply.answer.told))
        return replies


def _message(message_id: str, told: dict[str, Any]) -> Message:
    return Message(message_id, orjson.dumps(told).decode())


def _challenge(content: bytes) -> str:
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError:
        return ""
    return str(told.get("challenge", "")) if isinstance(told, dict) else ""
