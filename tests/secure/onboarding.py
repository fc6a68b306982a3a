"""What people do to bring a unit onto the bus: the operator's command, and what the unit's programmer makes of its output."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from typer.testing import CliRunner

from infra.cli import app
from infra.dev.addresses import as_environment
from infra.dev.supervisor import Dev

CODE = "by-water"
ADDRESSEE = "by-casemgmt"
NEW = ("--name-zh", "白云区水务局", "--name-en", "Baiyun water affairs bureau")
WHERE = (
    "--role",
    "AG",
    "--district",
    "baiyun",
    "--field",
    "water",
    "--contact",
    "值班室,,duty@example.org",
)
FILES = {"curl": "starter.sh", "python": "starter.py", "java": "Starter.java", "javascript": "starter.mjs"}
_PROGRAMS = {"curl": ["sh"], "python": [sys.executable], "java": ["java"], "javascript": ["node"]}
_NEEDED = {"curl": "curl", "java": "javac", "javascript": "node"}
_SECONDS = 60.0
_T = TypeVar("_T")


def languages() -> list[str]:
    """Those whose tools are on this machine."""
    return [one for one in FILES if one not in _NEEDED or shutil.which(_NEEDED[one])]


@dataclass
class Onboarding:
    """One unit on its way. `steps` are what a person did, each with the seconds that the machine took for it."""

    bus: Dev
    folder: Path
    steps: list[tuple[str, float]] = field(default_factory=list)

    def operator_adds(self, language: str) -> str:
        """Types one command; what it printed."""
        return self._step(
            "types `linkage unit add`",
            lambda: self.types("unit", "add", CODE, *NEW, *WHERE, "--language", language),
        )

    def bus_reads_the_register(self) -> None:
        """`linkage dev` does it by itself when the file has changed; elsewhere the operator's restart command does."""

        def restart() -> None:
            for name in ("worker", "relay", "gateway"):
                self.bus.restart(name)

        self._step("types the restart of worker, relay, clock and gateway", restart)

    def programmer_copies(self, printed: str, language: str) -> tuple[dict[str, str], Path]:
        """Copies the lines with the secrets into a shell, and the program into a file, unchanged."""
        secrets = dict(re.findall(r"^export (LINKAGE_\w+)=(\S+)$", printed, flags=re.MULTILINE))
        self._step("copies the lines with the secrets", lambda: None)
        _, _, program = printed.partition("\nTo begin with")
        file = self.folder / FILES[language]
        self._step(
            "copies the program", lambda: file.write_text(program.partition("\n\n")[2], encoding="utf-8")
        )
        return secrets, file

    def programmer_runs(self, language: str, file: Path, secrets: Mapping[str, str]) -> str:
        """Types one command; what the program said. Raises CalledProcessError, its complaint in `stderr`."""
        return self._step(f"types `{FILES[language]}`", lambda: self.runs(language, file, secrets))

    def runs(self, language: str, file: Path, secrets: Mapping[str, str]) -> str:
        """The program's output. Only the secrets are in its environment, and for Python the register's file."""
        own = {"PATH": os.environ["PATH"], "LINKAGE_UNITS": str(self.bus.settings.units), **secrets}
        done = subprocess.run(
            [*_PROGRAMS[language], str(file)],
            env=own,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
        return done.stdout

    def types(self, *words: str) -> str:
        """What a command of the operator prints."""
        result = CliRunner().invoke(app, list(words), env=as_environment(self.bus.settings))
        if result.exit_code != 0:
            raise RuntimeError(result.output)
        return result.output

    def _step(self, what: str, act: Callable[[], _T]) -> _T:
        began = time.monotonic()
        done = act()
        self.steps.append((what, time.monotonic() - began))
        return done
