"""The topics of the bus: names, partitions and settings, in one manifest that `linkage topics` applies."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.units import Register

CASE_EVENTS = "case-events"
DEAD_LETTERS = "dead-letters"
WORKER_GROUP = "linkage-worker"
"""The consumer group of the workers, under the namespace."""
GATEWAY = "gateway"
"""Not a unit: what the gateway says of the sender is trusted, because only it may write its ingress topic."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it must exist. `settings` are broker topic configs that `topics check` compares."""

    name: str
    partitions: int
    about: str
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicNames:
    """Topic names under a namespace, so that several installations can share one cluster."""

    namespace: str = ""

    @property
    def case_events(self) -> str:
        """The log: every admitted event, kept for ever, one partition per case."""
        return self.namespace + CASE_EVENTS

    @property
    def dead_letters(self) -> str:
        """What was refused, byte-identical, with its reason."""
        return self.namespace + DEAD_LETTERS

    def ingress(self, unit: str) -> str:
        """Where `unit`, and nobody else, writes."""
        return f"{self.namespace}ingress-{unit}"

    def feed(self, unit: str) -> str:
        """Where `unit` reads what is delivered to it."""
        return f"{self.namespace}feed-{unit}"

    def ingress_owner(self, topic: str) -> str:
        """The unit (or GATEWAY) whose ingress topic this is. Raises ValueError for another topic."""
        prefix = f"{self.namespace}ingress-"
        if not topic.startswith(prefix):
            raise ValueError(f"{topic!r} is no ingress topic")
        return topic[len(prefix) :]


# LogAppendTime: "now" in a rule is when the broker wrote the record, so that no client's clock enters the log.
_LOG = {
    "message.timestamp.type": "LogAppendTime",
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
}
# A broker lays out 10 MB of index for the first records of a segment. With two topics for each of a thousand
# units all of them do so at about the same time: with indexes that fit their segments that is not felt.
_OF_A_UNIT = _LOG | {"segment.bytes": str(64 * 1024 * 1024), "segment.index.bytes": str(256 * 1024)}
# Room for the 256 KiB an event may have, its headers and the reason that a dead letter adds.
_LARGE = {"max.message.bytes": str(1024 * 1024)}
# A dead letter is the refused record and more: whatever an ingress topic took must fit here.
_LARGER = {"max.message.bytes": str(2 * 1024 * 1024)}


def manifest(register: Register, names: TopicNames, partitions: int) -> tuple[Topic, ...]:
    """Every topic that must exist for `register`; `partitions` is for the log, and may never change later.

    A case stays on one partition for ever: more partitions would break the order of cases already open.
    """
    return (
        Topic(names.case_events, partitions, "the log of admitted events, keyed by case", _LOG | _LARGE),
        Topic(names.dead_letters, 1, "refused records, byte-identical, with their reason", _LOG | _LARGER),
        *(
            Topic(names.ingress(code), 1, f"what {code} says", _OF_A_UNIT | _LARGE)
            for code in _writers(register)
        ),
        *(
            Topic(names.feed(u.code), 1, f"what is delivered to {u.code}", _OF_A_UNIT | _LARGE)
            for u in register.units
        ),
    )


def ingress_topics(names: TopicNames, register: Register) -> list[str]:
    """The topics that intake reads: every unit's, and the gateway's."""
    return [names.ingress(code) for code in _writers(register)]


def _writers(register: Register) -> list[str]:
    return [unit.code for unit in register.units] + [GATEWAY]
