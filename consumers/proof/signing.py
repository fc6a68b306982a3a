"""What is signed: the texts of heads of the log, how times are written in them, and whether a signature is good."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def is_signed(text: str, signature: bytes, public: bytes) -> bool:
    """Whether the holder of `public` signed `text`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public: bytes) -> str:
    """The SHA-256 of a public key in hexadecimal digits: read out over the telephone, it shows that two are one."""
    return sha256(public).hexdigest()


def head_text(namespace: str, partition: int, next_offset: int, chain: bytes, signed_at: datetime) -> str:
    """What a signed head says: all events of the partition before `next_offset` end in this link."""
    told = ("linkage head 1", namespace, partition, next_offset, chain.hex(), instant(signed_at))
    return "\n".join(map(str, told))


def instant(time: datetime) -> str:
    """A time as it is signed: RFC 3339 in UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
