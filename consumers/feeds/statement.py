"""The digest of a stretch of a feed, by which a unit and the bus find out whether both have the same: pure."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

START = bytes(32)


def extended(chain: bytes, seq: int, event_digest: bytes) -> bytes:
    """The digest of a stretch after one more entry; `event_digest` is that of the event as it was said."""
    return sha256(chain + seq.to_bytes(8) + event_digest).digest()


@dataclass
class Tally:
    """What a unit has of its feed behind number `after`: give it each entry once, in order.

    Its `digest` is the one that `GET /v1/feeds/me/statement` gives for the same stretch, if nothing is
    missing, changed or in another order.
    """

    after: int = 0
    count: int = 0
    chain: bytes = START

    @property
    def upto(self) -> int:
        """The number of the last entry."""
        return self.after + self.count

    @property
    def digest(self) -> str:
        """Of everything so far, in hexadecimal digits."""
        return self.chain.hex()

    def add(self, seq: int, event_digest: bytes) -> None:
        """One more entry: its number and `linkage-digest`. Raises ValueError if it is not the next one."""
        if seq != self.upto + 1:
            raise ValueError(f"entry {seq} came where {self.upto + 1} was expected")
        self.chain = extended(self.chain, seq, event_digest)
        self.count += 1
