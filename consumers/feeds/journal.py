"""A unit's own record of its feed in one small file: what came, and whether it is what the bus has signed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from consumers.feeds.heads import FeedHead
from consumers.feeds.statement import START, extended

_TABLES = """
CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, digest BLOB NOT NULL, chain BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS heads (
  upto INTEGER NOT NULL, signed_at TEXT NOT NULL, log TEXT NOT NULL, signature TEXT NOT NULL,
  PRIMARY KEY (upto, signed_at)
);
"""


class FeedDiffers(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """What was received is not what the bus has signed: the message names the first number in question."""


class Journal:
    """Keeps number and digest of every entry, and every signed head that they were held against.

    `public` is the bus's public key, which came by another way than the feed. Give it to a `Subscriber`, or call
    `note` and `hold` for entries and heads that came over HTTP. Not safe between threads; blocks on the disk.
    """

    def __init__(self, file: Path, unit: str, public: bytes) -> None:
        self._unit = unit
        self._public = public
        self._store = sqlite3.connect(file)
        self._store.executescript(_TABLES)

    @property
    def upto(self) -> int:
        """Everything up to this number is noted."""
        row = self._store.execute("SELECT max(seq) FROM entries").fetchone()
        return row[0] or 0

    @property
    def proven(self) -> int:
        """Everything up to this number is what the bus has signed."""
        row = self._store.execute("SELECT max(upto) FROM heads").fetchone()
        return row[0] or 0

    def note(self, seq: int, digest: bytes) -> None:
        """One more entry. Raises FeedDiffers if it is not the next one, or another than came under its number."""
        known = self._store.execute("SELECT digest FROM entries WHERE seq = ?", (seq,)).fetchone()
        if known is not None:
            if known[0] != digest:
                raise FeedDiffers(f"entry {seq} came again as another event")
            return
        upto, chain = self._last()
        if seq != upto + 1:
            raise FeedDiffers(f"entry {upto + 1} is missing: {seq} came after {upto}")
        row = (seq, digest, extended(chain, seq, digest))
        self._store.execute("INSERT INTO entries VALUES (?, ?, ?)", row)

    def hold(self, head: FeedHead) -> int:
        """How many entries a head proves. Raises FeedDiffers if they are not what the bus has signed."""
        from consumers.proof.signing import is_signed  # noqa: PLC0415 - only who verifies needs cryptography

        if not is_signed(head.text, bytes.fromhex(head.signature), self._public):
            raise FeedDiffers(f"the head of {head.signed_at} is not signed by the bus's key")
        if head.unit != self._unit:
            raise FeedDiffers(
                f"the head of {head.signed_at} is of the feed of {head.unit}, not of {self._unit}"
            )
        row = self._store.execute("SELECT chain FROM entries WHERE seq = ?", (head.upto,)).fetchone()
        chain = START if head.upto == 0 else row and row[0]
        if chain is None:
            raise FeedDiffers(
                f"entry {self.upto + 1} is missing: the bus has signed that there are {head.upto}"
            )
        if chain.hex() != head.digest:
            first = self._proven_before(head.upto) + 1
            where = (
                f"entry {first} differs" if first == head.upto else f"one of {first} to {head.upto} differs"
            )
            raise FeedDiffers(f"{where} from what the bus has signed {head.signed_at}")
        told = (head.upto, head.signed_at, head.log, head.signature)
        self._store.execute("INSERT OR IGNORE INTO heads VALUES (?, ?, ?, ?)", told)
        return head.upto

    def entries(self) -> Iterator[tuple[int, bytes]]:
        """Number and digest of everything that is noted, in order."""
        yield from self._store.execute("SELECT seq, digest FROM entries ORDER BY seq")

    def save(self) -> None:
        """Keep what was noted since the last time."""
        self._store.commit()

    def close(self) -> None:
        """Keep it and close the file."""
        self.save()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _last(self) -> tuple[int, bytes]:
        row = self._store.execute("SELECT seq, chain FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
        return (0, START) if row is None else (row[0], row[1])

    def _proven_before(self, upto: int) -> int:
        row = self._store.execute("SELECT max(upto) FROM heads WHERE upto < ?", (upto,)).fetchone()
        return row[0] or 0
