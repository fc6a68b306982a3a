"""What the broker's acknowledgement tells: where a record stands, and the receipt that a unit keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """Where the broker put a record."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The broker has the event: on disk on every in-sync replica, at this position of the topic.

    `digest` is the hexadecimal SHA-256 of schemas.digests; keep the receipt as proof of having reported.
    """

    source: str
    id: str
    topic: str
    partition: int
    offset: int
    digest: str
