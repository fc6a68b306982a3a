"""Where documents lie: files by the SHA-256 of their content, in a folder or in an S3-compatible bucket."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from infra.settings import Settings

CHUNK = 256 * 1024
_S3 = "s3://"


class DocumentLost(RuntimeError):  # noqa: N818  (reads as a statement at the raise)
    """The database knows a document that the store does not have: somebody removed it by hand."""


class DocumentStore(Protocol):
    """What the gateway asks of the place. Every method blocks, and may be called from any thread."""

    def keep(self, digest: bytes, file: Path) -> None:
        """Takes the content over from `file`, which is gone afterwards. The same content may be there already."""

    def read(self, digest: bytes) -> Iterator[bytes]:
        """The content in pieces. Raises DocumentLost, before the first piece."""

    def drop(self, digest: bytes) -> None:
        """Removes the content if it is there."""

    def digests(self, *, before: datetime) -> Iterator[bytes]:
        """Every document that was put here before a time."""


class FolderStore:
    """Documents as files in folders by the first two digits of their hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, digest: bytes, file: Path) -> None:
        """See DocumentStore. The file must be on the same file system; it is synced before it takes its place."""
        place = self._place(digest)
        place.parent.mkdir(parents=True, exist_ok=True)
        with file.open("rb") as written:
            os.fsync(written.fileno())
        file.replace(place)
        _sync(place.parent)

    def read(self, digest: bytes) -> Iterator[bytes]:
        """See DocumentStore."""
        try:
            opened = self._place(digest).open("rb")
        except FileNotFoundError:
            raise DocumentLost(f"document {digest.hex()} is not in {self._folder}") from None
        return _pieces(opened)

    def drop(self, digest: bytes) -> None:
        """See DocumentStore."""
        self._place(digest).unlink(missing_ok=True)

    def digests(self, *, before: datetime) -> Iterator[bytes]:
        """See DocumentStore."""
        for place in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError):  # dropped by somebody else meanwhile
                if place.stat().st_mtime < before.timestamp():
                    yield bytes.fromhex(place.parent.name + place.name)

    def _place(self, digest: bytes) -> Path:
        name = digest.hex()
        return self._folder / name[:2] / name[2:]


class ObjectStore:
    """Documents as objects of a bucket, through obstore (the extra `documents-s3`)."""

    def __init__(self, objects: Any, *, prefix: str = "") -> None:
        self._objects = objects
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def keep(self, digest: bytes, file: Path) -> None:
        """See DocumentStore. Sent in parts, and visible only when all of them are there."""
        with file.open("rb") as content:
            self._objects.put(self._name(digest), content)
        file.unlink()

    def read(self, digest: bytes) -> Iterator[bytes]:
        """See DocumentStore."""
        try:
            found = self._objects.get(self._name(digest))
        except FileNotFoundError:
            raise DocumentLost(f"document {digest.hex()} is not in the bucket") from None
        return (bytes(piece) for piece in found.stream(min_chunk_size=CHUNK))

    def drop(self, digest: bytes) -> None:
        """See DocumentStore."""
        with suppress(FileNotFoundError):
            self._objects.delete(self._name(digest))

    def digests(self, *, before: datetime) -> Iterator[bytes]:
        """See DocumentStore."""
        for page in self._objects.list(self._prefix or None):
            for one in page:
                if one["last_modified"] < before:
                    yield bytes.fromhex(one["path"].removeprefix(self._prefix))

    def _name(self, digest: bytes) -> str:
        return self._prefix + digest.hex()


def store_of(settings: Settings) -> DocumentStore:
    """The store that the settings name; a bucket's credentials are in its own AWS_* variables.

    Raises ValueError if the extra for buckets is not installed.
    """
    if not settings.documents.startswith(_S3):
        return FolderStore(Path(settings.documents) / "kept")
    try:
        from obstore.store import S3Store  # noqa: PLC0415 - only with the extra installed
    except ImportError as error:
        raise ValueError(
            "LINKAGE_DOCUMENTS names a bucket: install linkage-bus[documents-s3], or name a folder"
        ) from error
    bucket, _, prefix = settings.documents.removeprefix(_S3).partition("/")
    return ObjectStore(S3Store(bucket), prefix=prefix)


class Incoming:
    """Where uploads are written until they are verified; what a killed process left is removed at its next start."""

    def __init__(self, settings: Settings) -> None:
        local = not settings.documents.startswith(_S3)
        self._folder = (Path(settings.documents) if local else settings.documents_spool) / "incoming"

    def new_file(self) -> Path:
        """The path of a file that nobody else writes."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder / secrets.token_hex(16)

    def sweep(self, *, before: datetime) -> int:
        """Removes unfinished uploads that nobody has written to since `before`; returns how many there were."""
        swept = 0
        for file in self._folder.glob("*"):
            with suppress(FileNotFoundError):
                if file.stat().st_mtime < before.timestamp():
                    file.unlink()
                    swept += 1
        return swept


def _pieces(opened: Any) -> Iterator[bytes]:
    with opened:
        while piece := opened.read(CHUNK):
            yield piece


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
