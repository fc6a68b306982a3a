"""The digest of an event: what two copies must share to be the same event."""

from __future__ import annotations

from datetime import UTC
from hashlib import sha256

from schemas.envelope import Envelope

DIGEST_BYTES = 32


def digest(envelope: Envelope, value: bytes) -> bytes:
    """SHA-256 over source, id, type, case id, time, precision and the record's value.

    Depends on the record alone, so the sender, the gateway, a worker and an auditor compute the same 32
    bytes. The time counts as an instant: the same moment written with another offset is the same event.
    Who acted in the unit, and which event is answered, may be filled in later without making another event.
    """
    return sha256(identity_lines(envelope) + value).digest()


def identity_lines(envelope: Envelope) -> bytes:
    """What of an envelope makes the event the one it is, a line each.

    None of the parts can hold a line feed once the envelope has been read from headers.
    """
    return "\n".join(
        (
            envelope.source,
            envelope.id,
            envelope.type,
            str(envelope.subject),
            envelope.time.astimezone(UTC).isoformat(),
            envelope.precision.value,
            "",
        )
    ).encode()
