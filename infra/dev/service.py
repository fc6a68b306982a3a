"""One process of the bus, run as its own command of this program: `linkage worker` and the like."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from infra.dev.process import Child
from infra.readiness import VARIABLE as READY_VARIABLE

_READY_SECONDS = 60.0
_STOP_SECONDS = 10.0


class Service:
    """The command `linkage <command>` with settings in its environment; log and readiness file in `folder`.

    Not thread-safe.
    """

    def __init__(self, name: str, command: str, folder: Path, environment: Mapping[str, str]) -> None:
        self._name = name
        self._command = command
        self._folder = folder
        self._environment = dict(environment)
        self.child = self._new_child({})

    def start(self, extra: Mapping[str, str] | None = None) -> None:
        """Start it, with `extra` in its environment this once, and block until it is ready. Raises DevError."""
        self.launch(extra)
        self.wait()

    def launch(self, extra: Mapping[str, str] | None = None) -> None:
        """Start it without waiting."""
        self._ready_file.unlink(missing_ok=True)
        self.child = self._new_child(extra or {})
        self.child.start()

    def wait(self) -> None:
        """Block until it has said that it is ready. Raises DevError with the last log lines if it does not."""
        self.child.wait_until(self._ready_file.exists, _READY_SECONDS)

    def stop(self) -> None:
        """End it in order; returns when it has ended."""
        self.child.stop(_STOP_SECONDS)

    def kill(self) -> None:
        """End it by SIGKILL; returns when it has ended."""
        self.child.kill()

    @property
    def _ready_file(self) -> Path:
        return self._folder / f"{self._name}.ready"

    def _new_child(self, extra: Mapping[str, str]) -> Child:
        return Child(
            f"`linkage {self._command}`",
            [sys.executable, "-m", "infra.cli", self._command],
            self._folder / f"{self._name}.log",
            {**self._environment, READY_VARIABLE: str(self._ready_file), **extra},
        )
