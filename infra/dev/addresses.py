"""How others find a development installation: `dev.json` for programs and `env.sh` for shells, in its folder."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.settings import Settings

ADDRESS_FILE = "dev.json"
ENVIRONMENT_FILE = "env.sh"


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as the variables that `read_settings` reads."""
    values = settings.model_dump(mode="json", exclude_none=True)
    return {
        f"LINKAGE_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }


def write_addresses(
    folder: Path,
    settings: Settings,
    *,
    gateway: str,
    pids: Mapping[str, int | None],
    units: Mapping[str, Mapping[str, str]],
    metrics: Mapping[str, str],
    ingress_key: str,
) -> None:
    """Write both files, readable for their owner only: the units' keys are in `dev.json`."""
    environment = as_environment(settings)
    if ingress_key:
        environment |= {"LINKAGE_INGRESS_KEY": ingress_key}
    content = {
        "bootstrap": settings.bootstrap,
        "database": settings.database,
        "gateway": gateway,
        "ingress_key": ingress_key,
        "environment": environment,
        "pids": dict(pids),
        "metrics": dict(metrics),
        "units": {code: dict(unit) for code, unit in units.items()},
    }
    exports = [f"export {name}={shlex.quote(value)}\n" for name, value in environment.items()]
    _write_private(folder / ENVIRONMENT_FILE, "".join(exports))
    _write_private(folder / ADDRESS_FILE, json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def read_addresses(folder: Path) -> dict[str, Any]:
    """What `dev.json` in the folder of a development installation says; empty when there is none."""
    file = folder / ADDRESS_FILE
    content: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return content


def _write_private(path: Path, text: str) -> None:
    """Put `text` in the place of the file at once, so that nobody reads half of it."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(path)
