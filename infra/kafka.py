"""How the processes reach Kafka, and how its topics are made and compared with the manifest."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from kafka.admin import ConfigResource, KafkaAdminClient
from kafka.errors import KafkaError

from infra.settings import Settings
from schemas.topics import Topic, manifest
from schemas.units import Register

_CONNECT_SECONDS = 10.0
MADE_AT_ONCE = 200
"""New topics in one request: a controller refuses more than 10,000 changes at once, and a topic is eight of them."""
_MAKING_MS = 60_000
_PAUSE_SECONDS = 0.1
_TOLD = 3
_WARM_GROUP = "warm-up"


class KafkaUnavailable(RuntimeError):  # noqa: N818 - reads as a statement at the raise
    """No broker answers, or it refuses what was asked; the text says which."""


class TopicsDiffer(RuntimeError):  # noqa: N818 - as above
    """The cluster's topics are not what the manifest says. `differences` has one line each."""

    def __init__(self, differences: Sequence[str]) -> None:
        told = "; ".join(differences[:_TOLD])
        more = f"; and {len(differences) - _TOLD} more" if len(differences) > _TOLD else ""
        super().__init__(
            f"topics differ from the manifest ({told}{more}): run `linkage topics apply`, or correct them."
        )
        self.differences = tuple(differences)


def client_options(settings: Settings) -> dict[str, Any]:
    """What every client of ours needs to connect: addresses and security. Raises KafkaUnavailable."""
    return {"bootstrap_servers": settings.bootstrap.split(","), **security_options(settings)}


def security_options(settings: Settings) -> dict[str, Any]:
    """Protocol and credentials, by the names that kafka-python and aiokafka share; empty without any.

    Raises KafkaUnavailable if a file that the settings name cannot be read.
    """
    options: dict[str, Any] = {}
    if settings.kafka_protocol != "PLAINTEXT":
        options["security_protocol"] = settings.kafka_protocol
    if settings.kafka_protocol.endswith("SSL"):
        options["ssl_context"] = _tls(settings)
    if settings.kafka_protocol.startswith("SASL_"):
        options |= {
            "sasl_mechanism": settings.kafka_mechanism,
            "sasl_plain_username": settings.kafka_user,
            "sasl_plain_password": _password(settings),
        }
    return options


def _password(settings: Settings) -> str:
    if settings.kafka_password_file is None:
        return settings.kafka_password
    try:
        return settings.kafka_password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KafkaUnavailable(f"the file of LINKAGE_KAFKA_PASSWORD_FILE cannot be read: {error}") from error


def _tls(settings: Settings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    except OSError as error:
        raise KafkaUnavailable(f"the file of LINKAGE_KAFKA_CA_FILE cannot be used: {error}") from error
    if settings.kafka_certificate_file is not None:
        try:
            context.load_cert_chain(settings.kafka_certificate_file)
        except OSError as error:
            raise KafkaUnavailable(
                f"the file of LINKAGE_KAFKA_CERTIFICATE_FILE cannot be used: {error}"
            ) from error
    return context


@contextlib.contextmanager
def admin_client(settings: Settings, *, seconds: float = _CONNECT_SECONDS) -> Iterator[KafkaAdminClient]:
    """An administration client, closed afterwards.

    Raises KafkaUnavailable if no broker answers within `seconds`, and for every error inside the block.
    """
    try:
        client = KafkaAdminClient(
            client_id="linkage-admin", bootstrap_timeout_ms=int(seconds * 1000), **client_options(settings)
        )
    except (KafkaError, ValueError) as error:
        login = f", or none lets {settings.kafka_user} in" if settings.kafka_user else ""
        raise KafkaUnavailable(
            f"no Kafka broker answers at {settings.bootstrap}{login}: {_reason(error)}."
        ) from error
    try:
        yield client
    except KafkaError as error:
        raise KafkaUnavailable(f"Kafka at {settings.bootstrap} refused: {_reason(error)}.") from error
    finally:
        client.close()


def wanted_topics(settings: Settings, register: Register) -> dict[str, Topic]:
    """The manifest of this installation, by topic name, with what follows from the replication factor."""
    majority = {"min.insync.replicas": str(settings.replication // 2 + 1)}
    topics = manifest(register, settings.topics, settings.partitions)
    return {topic.name: replace(topic, settings=topic.settings | majority) for topic in topics}


def apply_topics(settings: Settings, register: Register, *, at_once: int = MADE_AT_ONCE) -> list[str]:
    """Make the topics that are missing and set settings that differ; one line for each thing done.

    Blocks until every new topic has a leader and every setting is in force. Partitions and replication of a
    topic that exists are never changed, since more partitions would break the order of open cases:
    `check_topics` names such differences. Raises KafkaUnavailable.
    """
    wanted = wanted_topics(settings, register)
    with admin_client(settings) as client:
        present = _present(client, wanted)
        missing = {name: topic for name, topic in wanted.items() if name not in present}
        for first in range(0, len(missing), at_once):
            some = list(missing)[first : first + at_once]
            client.create_topics({name: _creation(missing[name], settings) for name in some})
            client.wait_for_topics(some, timeout_ms=_MAKING_MS)
        changes = _differing_settings(client, {name: wanted[name] for name in present})
        if changes:
            client.alter_configs([ConfigResource("topic", name, wanted[name].settings) for name in changes])
            _wait_until_in_force(client, {name: wanted[name] for name in changes})
    made = [f"{name}: made with {topic.partitions} partition(s)" for name, topic in missing.items()]
    return made + [f"{line}: corrected" for lines in changes.values() for line in lines]


def check_topics(settings: Settings, register: Register) -> list[str]:
    """How the cluster's topics differ from the manifest, one line each; empty when they do not.

    Raises KafkaUnavailable.
    """
    wanted = wanted_topics(settings, register)
    with admin_client(settings) as client:
        present = _present(client, wanted)
        differing = _differing_settings(client, {name: wanted[name] for name in present})
    lines = [f"{name} is missing" for name in wanted if name not in present]
    for name, found in present.items():
        lines += _differing_shape(found, wanted[name], settings.replication)
    return lines + [line for each in differing.values() for line in each]


def require_topics(settings: Settings, register: Register) -> None:
    """Raises TopicsDiffer unless every topic is as the manifest says; called before a process starts work."""
    if differences := check_topics(settings, register):
        raise TopicsDiffer(differences)


def wait_for_kafka(settings: Settings, *, seconds: float) -> None:
    """Block until a broker answers and coordinates consumer groups. Raises KafkaUnavailable after `seconds`.

    A new cluster makes its offsets topic when first asked for a coordinator; asking here spares the workers
    the errors of that moment.
    """
    deadline = time.monotonic() + seconds
    with admin_client(settings, seconds=seconds) as client:
        while True:
            try:
                client.list_group_offsets(settings.namespace + _WARM_GROUP)
            except KafkaError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return


def until_in_force(holds: Callable[[], bool], what: str) -> None:
    """Block until the brokers have heard of what the controller accepted a moment ago. Raises KafkaUnavailable."""
    deadline = time.monotonic() + _CONNECT_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise KafkaUnavailable(f"Kafka accepted a change, but does not show it: {what}.")
        time.sleep(_PAUSE_SECONDS)


def _present(client: KafkaAdminClient, wanted: dict[str, Topic]) -> dict[str, dict[str, Any]]:
    described = client.describe_topics()  # of all: asking for a missing one by name is an error
    return {topic["name"]: topic for topic in described if topic["name"] in wanted}


def _creation(topic: Topic, settings: Settings) -> dict[str, object]:
    return {
        "num_partitions": topic.partitions,
        "replication_factor": settings.replication,
        "configs": topic.settings,
    }


def _differing_shape(found: dict[str, Any], wanted: Topic, replication: int) -> list[str]:
    lines = []
    partitions = found["partitions"]
    if len(partitions) != wanted.partitions:
        lines.append(f"{wanted.name} has {len(partitions)} partitions, not {wanted.partitions}")
    replicas = {len(partition["replica_nodes"]) for partition in partitions}
    if replicas != {replication}:
        lines.append(f"{wanted.name} has the replication factor {min(replicas)}, not {replication}")
    return lines


def _differing_settings(client: KafkaAdminClient, wanted: dict[str, Topic]) -> dict[str, list[str]]:
    """By topic, one line for each setting that is not as wanted; topics without any are left out."""
    if not wanted:
        return {}
    asked = [ConfigResource("topic", name, dict.fromkeys(topic.settings)) for name, topic in wanted.items()]
    found = client.describe_configs(asked, config_filter="all")["topic"]
    lines = {
        name: [
            f"{name} has {key}={found[name][key]['value']}, not {value}"
            for key, value in topic.settings.items()
            if found[name][key]["value"] != value
        ]
        for name, topic in wanted.items()
    }
    return {name: differing for name, differing in lines.items() if differing}


def _wait_until_in_force(client: KafkaAdminClient, wanted: dict[str, Topic]) -> None:
    until_in_force(lambda: not _differing_settings(client, wanted), f"new settings of {sorted(wanted)}")


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
