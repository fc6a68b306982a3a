"""How a command ends that cannot do what it was asked: one sentence, and an exit status that is not 0."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer


def fail(sentence: str) -> NoReturn:
    """Ends the command with this sentence on standard error and exit status 1."""
    sys.stderr.write(f"linkage: {sentence}.\n")
    raise typer.Exit(1)
