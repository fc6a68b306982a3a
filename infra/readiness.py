"""How a process tells whoever started it that it is ready for work."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "LINKAGE_READY_FILE"
"""Names a file that the process makes once it is ready; unset: nobody waits."""


def announce_ready() -> None:
    """Make the file that LINKAGE_READY_FILE names. Called once, when the process can do its work."""
    if named := os.environ.get(VARIABLE):
        Path(named).touch()
