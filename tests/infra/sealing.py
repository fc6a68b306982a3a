"""An installation that seals, without a bus: settings with a master key, and an engine that finds its vault."""

from __future__ import annotations

from pathlib import Path

from infra.master_keys import add_master
from infra.settings import Settings


def sealing_settings(database: str, folder: Path, **more: object) -> Settings:
    """Settings with a master key of its own, called `first`."""
    file = folder / "master.keys"
    add_master(file, "first", lambda size: b"\7" * size)
    return Settings(database=database, master_keys=file, **more)
