"""What the console's page of rules needs of the installation: its files, and computing previews beside the console."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Connection

from consumers.rulebook import Rulebook
from infra.rule_proposals import calendar_body, profiles_body
from infra.running_rules import mark_of, running
from infra.settings import Settings

log = structlog.get_logger(__name__)


class RuleDesk:
    """The console's way to the rules. Safe between threads."""

    def __init__(self, settings: Settings, rulebook: Rulebook) -> None:
        self._settings = settings
        self._mark = mark_of(rulebook)

    def profiles_body(self, names: Collection[str]) -> Mapping[str, Any]:
        """What a proposal of these profiles keeps. Raises ProposalError."""
        return profiles_body(self._settings, names)

    def calendar_body(self, snippet: str, now: datetime) -> Mapping[str, Any]:
        """What a proposal of further editions keeps. Raises ProposalError."""
        return calendar_body(self._settings, snippet, now)

    def begin_preview(self, proposal_id: UUID) -> None:
        """Starts `linkage rules preview`, so that minutes of judging do not slow any page.

        Should it be ended, the page of the proposal offers to start it again.
        """
        name = f"preview-{proposal_id}"
        threading.Thread(target=_preview, args=(str(proposal_id),), name=name, daemon=True).start()

    def running(self, connection: Connection) -> Sequence[tuple[str, bool]]:
        """The kinds of process that run, and whether each decides by the rules that the console was started with."""
        return [(one.process, one.mark == self._mark) for one in running(connection)]


def _preview(proposal_id: str) -> None:
    command = [sys.executable, "-m", "infra.cli", "rules", "preview", proposal_id]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if ended.returncode:
        log.warning("preview not computed", proposal=proposal_id, error=ended.stderr.strip()[-300:])
