"""The whole bus on this machine: starts every part in order, watches them, stops them in the opposite order."""

from __future__ import annotations

import fcntl
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from sqlalchemy import Connection

from infra.access import issue_key, unit_of
from infra.database import create_database, database_exists, engine, migrate
from infra.dev.addresses import ENVIRONMENT_FILE, as_environment, read_addresses, write_addresses
from infra.dev.broker import Broker, BrokerOptions, Credentials
from infra.dev.postgres import Postgres, PostgresOptions
from infra.dev.principals import as_administrator, as_principal, enrol, new_administrator
from infra.dev.process import Child, DevError, free_port
from infra.dev.service import Service
from infra.ingress_keys import current, renew
from infra.kafka import apply_topics, check_topics, wait_for_kafka
from infra.master_keys import add_master
from infra.settings import Settings
from infra.signing_key import new_key
from infra.vault import vault_behind
from schemas.sealed.ingress import IngressKey
from schemas.units import Register, load_register

DEMO_UNITS = Path(__file__).with_name("units.toml")
_DATABASE = "linkage"
_KAFKA_SECONDS = 30.0
_WATCH_SECONDS = 0.2
_NO_KAFKA = {"kafka_protocol": "PLAINTEXT", "kafka_user": "", "kafka_password": ""}


@dataclass(frozen=True, slots=True)
class DevOptions:
    """What to start.

    An empty `bootstrap` or `database` means a server of our own. `settings` go to every process, except for
    the addresses, which are filled in; None: as in the environment. Without LINKAGE_UNITS, the demo's units.
    `console`: start that too, which the bus itself does not need.
    `secure`: Kafka asks everybody for a password and lets each do what is its own only.
    """

    bootstrap: str = ""
    database: str = ""
    settings: Settings | None = None
    workers: int = 1
    console: bool = False
    secure: bool = False
    broker: BrokerOptions = field(default_factory=BrokerOptions)
    postgres: PostgresOptions = field(default_factory=PostgresOptions)


class Part(Protocol):
    """A server or a process that `Dev` runs."""

    @property
    def child(self) -> Child:
        """Its operating-system process."""

    def launch(self) -> None:
        """Start it without waiting."""

    def wait(self) -> None:
        """Block until it is ready. Raises DevError."""

    def stop(self) -> None:
        """End it in order; returns when it has ended."""

    def kill(self) -> None:
        """End it by SIGKILL; returns when it has ended."""


class Dev:
    """The development installation in `folder`, which keeps its data. A context manager.

    Start it from the main thread, and use it from that one only. Every part ends when this process does.
    """

    def __init__(self, folder: Path, options: DevOptions | None = None) -> None:
        self.folder = folder.resolve()
        self._options = options or DevOptions()
        if self._options.secure and self._options.bootstrap:
            raise DevError(
                "`--secure` is for a broker that is started here: on another one, see docs/security.md."
            )
        self.settings = _with_defaults(self._options.settings or Settings(), self._options, self.folder)
        self.register: Register = load_register(self.settings.units or DEMO_UNITS)
        self.keys: dict[str, str] = {}
        self.ingress_key: IngressKey | None = None
        self.units: dict[str, Credentials] = {}
        self._processes: dict[str, Credentials] = {}
        self._parts: dict[str, Part] = {}
        self._metrics: dict[str, int] = {}
        self._held = ExitStack()

    @property
    def parts(self) -> Mapping[str, Part]:
        """What runs or ran, by name, in the order of starting.

        broker, postgres, worker, relay, clock, webhooks if a table of receivers is set, gateway, console if
        wanted, and notify if there is a way to tell anybody.
        """
        return self._parts

    @property
    def gateway(self) -> str:
        """Address of the HTTP gateway."""
        return f"http://{self.settings.gateway_host}:{self.settings.gateway_port}"

    @property
    def console(self) -> str:
        """Address of the console."""
        return f"http://{self.settings.console_host}:{self.settings.console_port}"

    @property
    def metrics(self) -> Mapping[str, str]:
        """Where each process answers Prometheus, by its name."""
        return {name: f"http://127.0.0.1:{port}/metrics" for name, port in self._metrics.items()}

    @property
    def environment(self) -> dict[str, str]:
        """The settings as LINKAGE_* variables, for a process that is to talk to this installation."""
        return as_environment(self.settings)

    @property
    def environment_file(self) -> Path:
        """The same for a shell to read."""
        return self.folder / ENVIRONMENT_FILE

    def settings_of(self, process: str) -> Settings:
        """The settings of one of the bus's own processes (`worker`): with its own principal, if Kafka asks for one."""
        if process == "notify":  # has no business with Kafka, and is told no password
            return self.settings.model_copy(update=_NO_KAFKA)
        own = self._processes.get(f"linkage-{process}")
        return as_principal(self.settings, own) if own else self.settings

    def settings_of_unit(self, code: str) -> Settings:
        """The same for a unit's program."""
        own = self.units.get(code)
        return as_principal(self.settings, own) if own else self.settings

    def start(self) -> Self:
        """Start everything; returns when every part is ready. Raises DevError, with nothing left running."""
        try:
            self._claim_folder()
            self.start_servers()
            self.start_services()
        except BaseException:
            self.stop()
            raise
        return self

    def start_servers(self) -> None:
        """Start broker and database, make what has to be in them, and issue the units' keys."""
        servers: list[Broker | Postgres] = []
        if not self._options.bootstrap:
            broker = self._broker()
            servers.append(broker)
            self._parts["broker"] = broker
        if not self._options.database:
            postgres = Postgres(self.folder / "postgres", options=self._options.postgres)
            servers.append(postgres)
            self._parts["postgres"] = postgres
            self._set(database=postgres.url(_DATABASE))
        with ThreadPoolExecutor() as pool:  # preparing takes each a second of one core
            list(pool.map(lambda server: server.prepare(), servers))
        self._start(*self._parts)
        self._prepare_database()
        self._prepare_topics()

    def start_services(self) -> None:
        """Start worker, relay, clock, gateway and what else is wanted; write `dev.json` and `env.sh`."""
        workers = {
            "worker" if n == 1 else f"worker-{n}": "worker" for n in range(1, self._options.workers + 1)
        }
        webhooks = ["webhooks"] if self.settings.webhooks else []
        for_people = [*["console"] * self._options.console, *["notify"] * self.settings.notifies]
        others = ("relay", "clock", *webhooks, "gateway", *for_people)
        for name, command in {**workers, **dict(zip(others, others, strict=True))}.items():
            environment = {
                **as_environment(self.settings_of(command)),
                "LINKAGE_WORKER_SLOT": name if command == "worker" else "",
                "LINKAGE_METRICS_PORT": str(self._metrics.setdefault(name, free_port())),
            }
            self._parts[name] = Service(name, command, self.folder / "processes", environment)
        self._start(*(name for name, part in self._parts.items() if isinstance(part, Service)))
        self._tell_addresses()

    def stop(self) -> None:
        """Stop every part in the opposite order of starting; safe to call again. The data stays in the folder."""
        for part in reversed(self._parts.values()):
            with suppress(DevError):  # never launched
                part.stop()
        self._held.close()

    def kill(self, name: str) -> None:
        """End one part by SIGKILL; returns when it has ended. KeyError for an unknown name."""
        self._parts[name].kill()

    def restart(self, name: str, extra: Mapping[str, str] | None = None) -> None:
        """Stop one part if it runs and start it again; blocks until it is ready. Raises DevError.

        `extra` is added to the environment of a process, this once.
        """
        part = self._parts[name]
        part.stop()
        if isinstance(part, Service):
            part.start(extra)
        else:
            part.launch()
            part.wait()

    def watch(self, stopped: Callable[[], bool]) -> None:
        """Block until `stopped()`. Raises DevError, naming the part and its log, when one ends by itself.

        When the register changes, the processes are started anew, since they read it at their start only.
        """
        known = self._register_changed_at()
        while not stopped():
            if (changed_at := self._register_changed_at()) != known:
                known = changed_at
                for name in [name for name, part in self._parts.items() if isinstance(part, Service)]:
                    self.restart(name)
            for part in self._parts.values():
                if not part.child.alive:
                    raise DevError(f"{part.child.obituary()}\nEverything else was stopped.")
            time.sleep(_WATCH_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _register_changed_at(self) -> int:
        return (self.settings.units or DEMO_UNITS).stat().st_mtime_ns

    def _start(self, *names: str) -> None:
        for name in names:
            self._parts[name].launch()
        for name in names:
            self._parts[name].wait()

    def _set(self, **changes: object) -> None:
        self.settings = self.settings.model_copy(update=changes)

    def _claim_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = self._held.enter_context((self.folder / "lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DevError(f"another `linkage dev` is running in {self.folder}.") from error

    def _prepare_database(self) -> None:
        postgres = self._parts.get("postgres")
        if isinstance(postgres, Postgres) and not database_exists(postgres.url(), _DATABASE):
            create_database(postgres.url(), _DATABASE)
        migrate(self.settings.database)
        told = read_addresses(self.folder).get("units", {})
        connector = engine(self.settings, pool=1)
        with connector.begin() as connection:
            self.keys = {
                unit.code: _key(connection, unit.code, told.get(unit.code, {}).get("key", ""))
                for unit in self.register.units
            }
            self.ingress_key = _ingress_key(connection)
        connector.dispose()

    def _broker(self) -> Broker:
        if not self._options.secure:
            broker = Broker(self.folder / "kafka", options=self._options.broker)
            self._set(bootstrap=broker.bootstrap)
            return broker
        administrator = new_administrator()
        broker = Broker(
            self.folder / "kafka", options=replace(self._options.broker, administrator=administrator)
        )
        self._set(bootstrap=broker.bootstrap)
        self.settings = as_administrator(self.settings, administrator)
        return broker

    def _prepare_topics(self) -> None:
        wait_for_kafka(self.settings, seconds=_KAFKA_SECONDS)
        apply_topics(self.settings, self.register)
        if self._options.secure:
            told = read_addresses(self.folder).get("units", {})
            known = {code: unit["password"] for code, unit in told.items() if "password" in unit}
            self._processes, self.units = enrol(self.settings, self.register, known)
        if differences := check_topics(self.settings, self.register):
            raise DevError(f"the topics cannot be made as they must be: {'; '.join(differences)}.")

    def _tell_addresses(self) -> None:
        units = {
            unit.code: {"key": self.keys[unit.code], "name": unit.name_zh, "name_en": unit.name_en}
            for unit in self.register.units
        }
        for code, own in self.units.items():
            units[code] |= {"principal": own.user, "password": own.password}
        pids = {name: part.child.pid for name, part in self._parts.items()}
        write_addresses(
            self.folder,
            self.settings,
            gateway=self.gateway,
            pids=pids,
            units=units,
            metrics=self.metrics,
            ingress_key="" if self.ingress_key is None else self.ingress_key.text,
        )


def _key(connection: Connection, unit: str, told: str) -> str:
    """The key that an earlier run told the user, if it is still good; otherwise a new one."""
    if told and unit_of(connection, told) == unit:
        return told
    return issue_key(connection, unit, now=datetime.now(UTC))


def _ingress_key(connection: Connection) -> IngressKey | None:
    """What publishers seal to: an earlier run's key while it is fresh."""
    vault, now = vault_behind(connection), datetime.now(UTC)
    known = current(connection, now)
    if vault is None or (known is not None and now < known.renew_by):
        return known
    return renew(connection, vault, now)


def _own_register(folder: Path) -> Path:
    """A copy of the demonstration's register, to which units can be added."""
    own = folder / DEMO_UNITS.name
    if not own.exists():
        folder.mkdir(parents=True, exist_ok=True)
        own.write_bytes(DEMO_UNITS.read_bytes())
    return own


def _own_key(folder: Path) -> Path:
    """A signing key that is kept with the data: a new one would make every earlier signature a stranger's."""
    own = folder / "signing.pem"
    if not own.exists():
        folder.mkdir(parents=True, exist_ok=True)
        new_key(own)
    return own


def _own_master_keys(folder: Path) -> Path:
    """A master key of this installation, so that nothing personal lies in the clear here either."""
    own = folder / "master.keys"
    if not own.exists():
        folder.mkdir(parents=True, exist_ok=True)
        add_master(own, "dev", secrets.token_bytes)
    return own


def _own_documents(settings: Settings, folder: Path) -> str:
    default = Settings.model_fields["documents"].default
    return str(folder / "documents") if settings.documents == default else settings.documents


def _with_defaults(settings: Settings, options: DevOptions, folder: Path) -> Settings:
    chosen: dict[str, object] = {
        "gateway_port": free_port(),
        "console_port": free_port(),
        "documents": _own_documents(settings, folder),
        "master_keys": settings.master_keys.resolve() if settings.master_keys else _own_master_keys(folder),
        "units": settings.units.resolve() if settings.units else _own_register(folder),
        "signing_key": settings.signing_key or _own_key(folder),
    }
    if options.bootstrap:
        chosen["bootstrap"] = options.bootstrap
    if options.database:
        chosen["database"] = options.database
    return settings.model_copy(update=chosen)
