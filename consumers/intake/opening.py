"""Opening what publishers sealed to an ingress key, before anything is judged; see `schemas.sealed.ingress`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from consumers.casework.records import append_time
from infra.batches import Record
from infra.ingress_keys import Openings
from schemas.admission import Refusal
from schemas.envelope import EnvelopeError, read_headers
from schemas.sealed.ingress import Opening, is_sealed, unsealed

AnyHeaders = Sequence[tuple[str, bytes | None]]


class Opened(NamedTuple):
    """A record of an ingress topic as its unit meant it: it lay there sealed."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: AnyHeaders


def opened_value(
    value: bytes | None, headers: AnyHeaders, openings: Mapping[str, Opening], at: datetime
) -> bytes | Refusal | None:
    """The value as its unit meant it, or why it does not open; see `unsealed`. Pure.

    What is not sealed stays, and so does what has no readable envelope: admission says what is wrong with that.
    """
    if value is None or not is_sealed(value):
        return value
    try:
        envelope = read_headers(headers)
    except (EnvelopeError, OverflowError):
        return value
    return unsealed(value, envelope, openings, at)


@dataclass(frozen=True, slots=True)
class IntakeOpener:
    """Opens the records of a wave. Blocks."""

    openings: Openings

    def __call__(self, records: Sequence[Record]) -> tuple[list[Record], dict[int, Refusal]]:
        """The records, opened, and by number those that do not open. Raises what the database raises.

        A record that does not open stays byte for byte.
        """
        openings = self.openings.of([record.value for record in records])
        found, refused = list(records), {}
        for number, record in enumerate(records):
            if not is_sealed(record.value):
                continue
            value = opened_value(record.value, record.headers, openings, append_time(record))
            if isinstance(value, Refusal):
                refused[number] = value
            elif value is not record.value:
                found[number] = _with(record, value)
        return found, refused


def _with(record: Record, value: bytes | None) -> Opened:
    place = (record.topic, record.partition, record.offset, record.timestamp)
    return Opened(*place, record.key, value, record.headers)
