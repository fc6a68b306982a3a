"""A child process that never outlives its parent, with a log file and errors that quote it."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

_PORTS = range(20_000, 32_000)
"""Below the range from which Linux takes outgoing ports: a client that tries to reconnect to a stopped
server can then neither take its port nor connect to itself."""
_LAST_LINES = 8
_POLL_SECONDS = 0.02
_PR_SET_PDEATHSIG = 1


class DevError(RuntimeError):
    """A part of the development installation is missing, does not start or has died; the text says which."""


@dataclass(frozen=True, slots=True)
class Account:
    """The operating-system account that a child runs as."""

    name: str
    uid: int
    gid: int


def identity(account: Account | None) -> dict[str, Any]:
    """The arguments that make `subprocess` run a program as `account`; None: as ourselves."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


@dataclass(slots=True)
class Child:
    """One child process: `start` it, ask whether it is `alive`, then `stop` or `kill` it. Not thread-safe.

    It ends by `orphan_signal` when its parent dies (Linux; elsewhere the parent has to stop it). Linux ties
    this to the thread that started it: start children from a thread that stays.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a process group of its own, output appended to `log`. Raises DevError if it cannot."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=os.environ | dict(self.environment),
                    cwd=self.folder,
                    process_group=0,  # Ctrl-C in a terminal reaches the parent only, which stops all in order
                    preexec_fn=die_with_parent(self.orphan_signal),  # noqa: PLW1509 - one prologue call, no locks
                    **identity(self.account),
                )
            except OSError as error:
                raise DevError(f"{self.name} cannot be started: {error}.") from error

    @property
    def pid(self) -> int | None:
        """Its process id once started, also after it has ended."""
        return None if self._process is None else self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Block until `ready()`. Raises DevError when it ends before, or is not ready within `seconds`."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise DevError(f"{self.obituary()}.")
            if time.monotonic() > deadline:
                raise DevError(f"{self.name} was not ready within {seconds:g} s; {self.last_words()}.")
            time.sleep(_POLL_SECONDS)

    def stop(self, seconds: float = 10.0) -> None:
        """End it with `stop_signal`, or with SIGKILL after `seconds`; returns when it has ended."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it and every process of its group with SIGKILL, as a power cut would; returns when it ended."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def obituary(self) -> str:
        """One sentence without its full stop: how it ended and what its log said last."""
        code = None if self._process is None else self._process.poll()
        if code is None:
            return f"{self.name} is not running"
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"{self.name} {how}; {self.last_words()}"

    def last_words(self) -> str:
        """The name of the log and its last lines."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        lines = [line for line in text.splitlines() if line.strip()][-_LAST_LINES:]
        return f"its log {self.log} ends: " + ("\n  " + "\n  ".join(lines) if lines else "(empty)")


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on at this moment, and that no other process is given meanwhile.

    It is this process's until it ends: some seconds pass until the part that the port is for listens on it.
    """
    while True:
        port = random.choice(_PORTS)  # noqa: S311 - not a secret
        if is_free(port) and _claimed(port):
            return port


def _claimed(port: int) -> bool:
    """Whether no other process has been given this port: a lock on one byte for each, which ends with the process."""
    try:
        fcntl.lockf(_ledger(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _ledger() -> BinaryIO:
    """Never closed: that would give every port back."""
    return (Path(tempfile.gettempdir()) / f"linkage-ports-{os.getuid()}").open("ab")


def is_free(port: int) -> bool:
    """Whether `port` on 127.0.0.1 can be listened on at this moment."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def die_with_parent(orphan_signal: signal.Signals) -> Callable[[], None] | None:
    """The `preexec_fn` by which a child of this thread gets `orphan_signal` when it dies; None where it cannot.

    A parent that died before the child could ask is noticed. Linux only.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def prologue() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(orphan_signal))
        if os.getppid() != parent:
            os._exit(1)

    return prologue
