"""Where a subscriber stands in its feed, and where it keeps that: a file, Kafka, or the department's own store."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kafka.structs import OffsetAndMetadata, TopicPartition


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Everything up to number `seq` is handled; the feed topic is read on at `offset`."""

    seq: int = 0
    offset: int = 0


class BookmarkError(ValueError):
    """A bookmark that cannot be read. Nothing is guessed: starting anew is for a person to decide."""


class Bookmarks(Protocol):
    """What a subscriber asks of the place where its bookmark is kept.

    To have effects exactly once, save the bookmark in the transaction that has the effects, and load it here.
    """

    def load(self) -> Bookmark | None:
        """The bookmark saved last; None if the feed was never read."""

    def save(self, bookmark: Bookmark) -> None:
        """Keep it. Called after the items were handled, never before."""


class FileBookmarks:
    """Keeps the bookmark in a small JSON file, replaced as a whole and synced to disk."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Bookmark | None:
        """The bookmark in the file; None if there is no file. Raises BookmarkError if it is damaged."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return Bookmark(int(kept["seq"]), int(kept["offset"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise BookmarkError(
                f"the bookmark in {self._path} is damaged ({error!r}): remove it to read anew"
            ) from None

    def save(self, bookmark: Bookmark) -> None:
        """Replace the file. Raises OSError."""
        beside = self._path.with_name(self._path.name + ".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump({"seq": bookmark.seq, "offset": bookmark.offset}, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)


class GroupBookmarks:
    """Keeps the bookmark as a committed offset of a Kafka consumer group, the number in its metadata."""

    def __init__(self, consumer: Any, partition: TopicPartition) -> None:
        self._consumer = consumer
        self._partition = partition

    def load(self) -> Bookmark | None:
        """The committed bookmark; None if the group has none. Raises BookmarkError, or what Kafka raises."""
        kept = self._consumer.committed(self._partition, metadata=True)
        if kept is None:
            return None
        if not str(kept.metadata).isdigit():
            raise BookmarkError(
                f"the group's offset on {self._partition.topic} carries no feed number: it was committed by another "
                "program; use a group of its own"
            )
        return Bookmark(int(kept.metadata), kept.offset)

    def save(self, bookmark: Bookmark) -> None:
        """Commit it. Raises what Kafka raises."""
        self._consumer.commit({self._partition: OffsetAndMetadata(bookmark.offset, str(bookmark.seq), -1)})
