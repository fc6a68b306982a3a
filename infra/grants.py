"""Who may do what on Kafka: one table of the processes' rights and one rule for the units', and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from schemas.topics import CASE_EVENTS, DEAD_LETTERS, GATEWAY, WORKER_GROUP


class On(StrEnum):
    """The kinds of thing on a broker that rights are given on."""

    TOPIC = "TOPIC"
    GROUP = "GROUP"
    CLUSTER = "CLUSTER"


class May(StrEnum):
    """Operations by Kafka's names. READ and WRITE include DESCRIBE."""

    READ = "READ"
    WRITE = "WRITE"
    DESCRIBE = "DESCRIBE"
    DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS"


@dataclass(frozen=True, slots=True)
class Grant:
    """One right. `name` stands without the installation's namespace; a `prefix` covers every name that begins so.

    There is no right on transactional ids for anybody: without transactions a topic holds records only. There is
    none on IDEMPOTENT_WRITE either, since to Kafka 4 whoever may write a topic may write it idempotently.
    """

    may: tuple[May, ...]
    on: On
    name: str
    why: str
    prefix: bool = False


CLUSTER_NAME = "kafka-cluster"
"""What Kafka calls the only resource of the kind CLUSTER."""

_LOOK = (May.DESCRIBE, May.DESCRIBE_CONFIGS)
_MANIFEST = "to compare the topics with the manifest, and see where they end; shows no record"
_RECONCILES = "holds what was written against the database; whoever compares writes nothing"
_LOOKS = (
    Grant(_LOOK, On.TOPIC, CASE_EVENTS, _MANIFEST),
    Grant(_LOOK, On.TOPIC, DEAD_LETTERS, _MANIFEST),
    Grant(_LOOK, On.TOPIC, "ingress-", _MANIFEST, prefix=True),
    Grant(_LOOK, On.TOPIC, "feed-", _MANIFEST, prefix=True),
)

PROCESSES: dict[str, tuple[Grant, ...]] = {
    "linkage-worker": (
        Grant((May.READ,), On.TOPIC, "ingress-", "intake carries in what units say", prefix=True),
        Grant((May.READ, May.WRITE), On.TOPIC, CASE_EVENTS, "intake writes the log, casework folds it"),
        Grant((May.READ, May.WRITE), On.TOPIC, DEAD_LETTERS, "intake writes them, quarantine shows them"),
        Grant((May.READ,), On.GROUP, WORKER_GROUP, "the workers share the partitions"),
        *_LOOKS,
    ),
    "linkage-relay": (
        Grant((May.WRITE,), On.TOPIC, "feed-", "publishes what is delivered; nobody else does", prefix=True),
        Grant(
            (May.WRITE,),
            On.TOPIC,
            CASE_EVENTS,
            "carries what the bus says, and jobs of operators, into the log",
        ),
        *_LOOKS,
    ),
    "linkage-gateway": (
        Grant((May.WRITE,), On.TOPIC, f"ingress-{GATEWAY}", "vouches for the unit that a key speaks for"),
        *_LOOKS,
    ),
    "linkage-clock": (
        Grant((May.READ,), On.TOPIC, CASE_EVENTS, _RECONCILES),
        Grant((May.READ,), On.TOPIC, DEAD_LETTERS, _RECONCILES),
        Grant((May.READ,), On.TOPIC, "ingress-", _RECONCILES, prefix=True),
        Grant((May.READ,), On.TOPIC, "feed-", _RECONCILES, prefix=True),
        *_LOOKS,
    ),
    "linkage-webhooks": _LOOKS,
    "linkage-console": (
        Grant((May.WRITE,), On.TOPIC, f"ingress-{GATEWAY}", "says what a department decides on its pages"),
        *_LOOKS,
    ),
    "linkage-redrive": (
        Grant((May.WRITE,), On.TOPIC, CASE_EVENTS, "`linkage dlq` sends again what was not applied"),
        *_LOOKS,
    ),
    "linkage-operator": (
        Grant((May.READ,), On.TOPIC, CASE_EVENTS, "tail, rebuild, verify"),
        Grant((May.READ,), On.TOPIC, DEAD_LETTERS, "tail, rebuild"),
        Grant((May.READ,), On.TOPIC, "ingress-", "tail", prefix=True),
        Grant((May.READ,), On.TOPIC, "feed-", "tail, rebuild", prefix=True),
        Grant((May.DESCRIBE,), On.GROUP, WORKER_GROUP, "lag of the workers"),
        Grant((May.DESCRIBE,), On.CLUSTER, CLUSTER_NAME, "who leads, which groups there are"),
        *_LOOKS,
    ),
}
"""Principals of the bus's own processes. The administrator is a super user of the broker and not in this table."""


def unit_principal(code: str) -> str:
    """The principal of a unit, without the namespace; no process is called like it."""
    return f"unit-{code}"


def unit_group_prefix(code: str) -> str:
    """What the names of a unit's consumer groups begin with.

    A dot cannot be in a unit's code, so no unit's prefix is the beginning of another's.
    """
    return f"{code}."


def unit_grants(code: str) -> tuple[Grant, ...]:
    """Everything that a unit may do on Kafka."""
    return (
        Grant((May.WRITE,), On.TOPIC, f"ingress-{code}", "says its events: the topic is the proof of origin"),
        Grant((May.READ,), On.TOPIC, f"feed-{code}", "reads what is delivered to it"),
        Grant((May.READ,), On.GROUP, unit_group_prefix(code), "keeps its place in its feed", prefix=True),
    )


def grants_table(rows: Iterable[tuple[str, Grant]]) -> str:
    """The grants as rows of a Markdown table: principal, operations, resource and the reason."""
    lines = ["| Principal | May | On | Why |", "|---|---|---|---|"]
    for principal, grant in rows:
        name = f"`{grant.name}{'*' if grant.prefix else ''}`"
        operations = ", ".join(grant.may)
        lines.append(f"| `{principal}` | {operations} | {grant.on.lower()} {name} | {grant.why} |")
    return "\n".join(lines)
