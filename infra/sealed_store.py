"""Documents sealed before they go into the store, each under a key of its own, and opened when they are read."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from infra.document_store import CHUNK, DocumentLost, DocumentStore
from infra.vault import vault_behind
from schemas.sealed.keys import SubjectKey, of_document
from schemas.sealed.suites import NONCE_BYTES, TAG_BYTES, NotOpened, opened

_BEGINS = b"linkage document 1\n"
_SEALED_CHUNK = CHUNK + NONCE_BYTES + TAG_BYTES


class SealedStore:
    """A store in front of another. What lies there from before there were keys is read as it is.

    A document is cut into pieces of CHUNK bytes; each is bound to the document, to its place and to whether it is
    the last, so that none can be taken away, put in or moved. Without a master key everything passes as it is.
    """

    def __init__(self, behind: DocumentStore, engine: Engine) -> None:
        self._behind = behind
        self._engine = engine

    def keep(self, digest: bytes, file: Path) -> None:
        """See DocumentStore."""
        key = self._key(digest, new=True)
        if key is None:
            self._behind.keep(digest, file)
            return
        beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        try:
            with file.open("rb") as content, beside.open("xb") as made:
                made.write(_BEGINS)
                for piece in _sealed(content.read, key, digest):
                    made.write(piece)
            self._behind.keep(digest, beside)
        finally:
            beside.unlink(missing_ok=True)
        file.unlink()

    def read(self, digest: bytes) -> Iterator[bytes]:
        """See DocumentStore. Raises DocumentLost also if its key was destroyed."""
        pieces = self._behind.read(digest)
        first = next(pieces, b"")
        if not first.startswith(_BEGINS):
            return _chain(first, pieces)
        key = self._key(digest, new=False)
        if key is None:
            raise DocumentLost(f"the key of document {digest.hex()} was destroyed")
        return _opened(_chain(first[len(_BEGINS) :], pieces), key, digest)

    def drop(self, digest: bytes) -> None:
        """See DocumentStore."""
        self._behind.drop(digest)

    def digests(self, *, before: datetime) -> Iterator[bytes]:
        """See DocumentStore."""
        return self._behind.digests(before=before)

    def _key(self, digest: bytes, *, new: bool) -> SubjectKey | None:
        subject = of_document(digest)
        with self._engine.begin() as connection:
            vault = vault_behind(connection)
            if vault is None:
                return None
            if not new:
                return vault.known(connection, [subject]).get(subject)
            return vault.issued(connection, [subject], datetime.now(UTC))[subject]


def _sealed(read: Callable[[int], bytes], key: SubjectKey, digest: bytes) -> Iterator[bytes]:
    number, piece = 0, read(CHUNK)
    while True:
        following = read(CHUNK)
        yield key.seal(piece, _bound(digest, number, last=not following))
        if not following:
            return
        number, piece = number + 1, following


def _opened(pieces: Iterator[bytes], key: SubjectKey, digest: bytes) -> Iterator[bytes]:
    held, number = b"", 0
    for piece in pieces:
        held += piece
        while len(held) > _SEALED_CHUNK:
            yield _open(key, held[:_SEALED_CHUNK], _bound(digest, number, last=False))
            held, number = held[_SEALED_CHUNK:], number + 1
    yield _open(key, held, _bound(digest, number, last=True))


def _open(key: SubjectKey, piece: bytes, bound: bytes) -> bytes:
    try:
        return opened(key.opening.cipher, piece, bound)
    except NotOpened as error:
        raise DocumentLost(f"a document was changed in its store: {error}") from None


def _bound(digest: bytes, number: int, *, last: bool) -> bytes:
    return f"linkage document 1\n{digest.hex()}\n{number}\n{'last' if last else 'more'}".encode()


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
