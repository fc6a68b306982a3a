"""What a unit has said in a period, as the bus states it: the form of the statement and the text that is signed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any


class NoStatement(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """What should be a statement of what a unit has said has not the form of one, or contradicts itself."""


@dataclass(frozen=True, slots=True)
class SaidStatement:
    """Everything of `unit` that the bus took between `since` and `until`, RFC 3339 in UTC, by its own clock.

    `applied` has id and digest (`schemas.digests`) of each event in the order in which the bus recorded them,
    `aside` the id (empty if it could not be read), kind and reason of each record that was not applied. `count`
    and `digest` are those of `applied`, `set_aside` and `aside_digest` those of `aside`: they are what is signed.
    """

    namespace: str
    unit: str
    since: str
    until: str
    count: int
    digest: str
    set_aside: int
    aside_digest: str
    applied: list[tuple[str, str]]
    aside: list[tuple[str, str, str]]
    signed_at: str = ""
    public_key: str = ""
    signature: str = ""

    @property
    def text(self) -> str:
        """What is signed: ten lines."""
        told = (
            "linkage said 1",
            self.namespace,
            self.unit,
            self.since,
            self.until,
            self.count,
            self.digest,
            self.set_aside,
            self.aside_digest,
            self.signed_at,
        )
        return "\n".join(map(str, told))


def digest_of(rows: Iterable[tuple[str, ...]]) -> str:
    """SHA-256 over rows, each chained to the one before: the digest so far, then the texts, a line feed behind each."""
    chain = bytes(32)
    for row in rows:
        chain = sha256(chain + "".join(f"{text}\n" for text in row).encode()).digest()
    return chain.hex()


def read_said(told: str | Mapping[str, Any]) -> SaidStatement:
    """The statement in what `GET /v1/statements/said` answered. Says nothing of its signature. Raises NoStatement."""
    try:
        given = dict(json.loads(told)) if isinstance(told, str) else dict(told)
        applied = [(str(event_id), str(its)) for event_id, its in given.pop("applied")]
        aside = [(str(event_id), str(kind), str(reason)) for event_id, kind, reason in given.pop("aside")]
        said = SaidStatement(**given, applied=applied, aside=aside)
    except (ValueError, TypeError, KeyError) as error:
        raise NoStatement(f"this is no statement of what a unit has said: {error}") from None
    if (len(applied), digest_of(applied)) != (said.count, said.digest):
        raise NoStatement("the statement's list of applied events was changed: it has not its digest")
    if (len(aside), digest_of(aside)) != (said.set_aside, said.aside_digest):
        raise NoStatement("the statement's list of what was not applied was changed: it has not its digest")
    return said
