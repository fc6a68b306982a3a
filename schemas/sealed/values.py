"""Records of events with their values sealed, and opened again: pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from schemas.catalogue import BY_NAME
from schemas.codec import decode, write
from schemas.envelope import Envelope
from schemas.sealed.digests import field_root
from schemas.sealed.keys import OpeningKey, SubjectKey
from schemas.sealed.payloads import About, opened_payload, sealed_payload
from schemas.sealed.suites import NotOpened, opened

_BLOB = b"linkage sealed 1\n"
"""Begins a value that is sealed as a whole, because it may be anything."""


def about(envelope: Envelope) -> About:
    """What the texts of the event with this envelope are bound to."""
    return About(envelope.subject, envelope.source, envelope.id)


def sealed_value(
    envelope: Envelope, value: bytes, key: SubjectKey, open_words: Collection[str]
) -> tuple[Envelope, bytes]:
    """The envelope with the root of the fields' digests, and the value with its personal data sealed.

    The same event gives the same bytes. The value is written in the latest version of its type.
    """
    data, name = decode(value).data, envelope.type
    sealed = write(name, sealed_payload(name, data, about(envelope), key, open_words))
    root = field_root(BY_NAME[name], data, about(envelope), key)
    return replace(envelope, field_root=root), sealed


def opened_data(envelope: Envelope, data: Mapping[str, Any], key: OpeningKey | None) -> dict[str, Any]:
    """The payload of the event with this envelope as it was said; see `opened_payload`."""
    return opened_payload(envelope.type, data, about(envelope), key)


def sealed_blob(value: bytes, subject: str, key: SubjectKey) -> bytes:
    """Bytes that may be anything, sealed as a whole; before them stands whose key it is."""
    head = _BLOB + f"{subject}\n{key.suite.mark}.{key.opening.name}\n".encode()
    return head + key.seal(value, head)


def blob_subject(value: bytes | None) -> str | None:
    """The subject under whose key bytes were sealed as a whole; None for any others."""
    if value is None or not value.startswith(_BLOB):
        return None
    return value[len(_BLOB) :].partition(b"\n")[0].decode(errors="replace")


def opened_blob(value: bytes, key: OpeningKey) -> bytes:
    """What `sealed_blob` was given. Raises NotOpened."""
    _, subject, named, body = value.split(b"\n", 3)
    if named != f"{key.suite.mark}.{key.name}".encode():
        raise NotOpened(f"sealed with another key of {subject.decode(errors='replace')}")
    return opened(key.cipher, body, value[: len(value) - len(body)])
