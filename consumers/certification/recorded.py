"""What was seen of a unit's system on Kafka: what it wrote, and how far it has read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from consumers.certification.reading import Said


@dataclass(frozen=True, slots=True)
class Written:
    """One record of the unit's ingress topic. `at` is its append time; `said` is read from the value as it was meant.

    `status` is the one that the gateway would have given, 202 while intake or casework has not decided; `reason` and
    `detail` are those of the dead letter or the quarantine. `size` is in bytes, as admission counts them.
    """

    at: datetime
    offset: int
    said: Said
    size: int
    sealed: bool = False
    status: int = 202
    reason: str = ""
    detail: str = ""

    @property
    def decided(self) -> bool:
        """Whether it is known what became of it."""
        return self.status != 202


class Kind(StrEnum):
    """What a record of a feed topic is."""

    ENTRY = "entry"
    REPEAT = "repeat"  # an entry that the run wrote once more
    HEAD = "head"  # signed by the bus


@dataclass(frozen=True, slots=True)
class Fed:
    """One record of the unit's feed topic; a head has no `seq`."""

    at: datetime
    offset: int
    kind: Kind
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a consumer group stood in the feed topic: `committed` is the offset it goes on from.

    `members` are the ids of who reads in the group; programs that assign themselves the partition are none.
    """

    at: datetime
    group: str
    committed: int
    members: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """That the unit has told the gateway that everything up to `seq` is safe."""

    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Topics:
    """A unit's two topics since the run began.

    `idempotent` counts how many of the records, at least, came from producers that number what they write.
    `standings` has every change of a group, the first of each being how it was found, at 0 if it came later. `end` is
    where the feed topic ends, `delivered` its highest number, `group_prefix` what the names of the unit's groups must
    begin with.
    """

    written: tuple[Written, ...] = ()
    idempotent: int = 0
    sealing: bool = False  # whether the installation tells an ingress key
    documents: frozenset[str] = frozenset()
    fed: tuple[Fed, ...] = ()
    end: int = 0
    delivered: int = 0
    standings: tuple[Standing, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()
    group_prefix: str = ""
    repeatable: bool = True  # whether the run may write to the feed topic

    def groups(self) -> Iterator[tuple[Standing, ...]]:
        """Of each group that moved while it was watched, its standings in order."""
        for name in dict.fromkeys(one.group for one in self.standings):
            own = tuple(one for one in self.standings if one.group == name)
            if any(one.committed != own[0].committed for one in own):
                yield own

    def passed_over(self, offset: int) -> Standing | None:
        """The first standing of a group that moved that lies behind this record of the feed."""
        behind = [one for own in self.groups() for one in own[1:] if one.committed > offset]
        return min(behind, key=lambda one: one.at, default=None)


NOTHING_SEEN = Topics()
