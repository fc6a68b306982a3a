"""Named points at which a process ends or stops itself, so that a test can do it there; off unless asked for."""

from __future__ import annotations

import os
import signal
import sys

from infra.settings import EXIT_BAD_SETTING

VARIABLE = "LINKAGE_FAILPOINT"
"""Set to `name` or `name:nth`: the process ends by SIGKILL when it reaches `name` (for the nth time)."""
SIGNAL_VARIABLE = "LINKAGE_FAILPOINT_SIGNAL"
"""Set to `stop`: the process stops there by SIGSTOP instead, until a SIGCONT: that is how a zombie comes back."""

FAILPOINTS = (
    "intake-before-produce",
    "intake-after-produce",
    "intake-after-commit",
    "casework-before-transaction",
    "casework-before-commit",
    "casework-after-commit",
    "relay-numbered",
    "relay-published",
    "outbox-published",
    "clock-before-commit",
    "clock-after-commit",
    "delivery-claimed",
    "delivery-receipted",
    "delivery-settled",
    "gateway-reserved",
    "gateway-produced",
    "gateway-completed",
    "import-said",
    "import-written",
    "redrive-before-send",
    "redrive-after-send",
    "redrive-marked",
)
"""Every point there is; a test checks that each is in the code once and none is there that is not listed."""


def read_failpoint(text: str) -> tuple[str, int]:
    """The point and the count that a value of the variable names. Raises ValueError for another text."""
    name, _, nth = text.partition(":")
    if name not in FAILPOINTS or not (nth or "1").isdecimal() or nth == "0":
        raise ValueError(f"name[:nth], nth from 1, where name is one of {', '.join(FAILPOINTS)}")
    return name, int(nth or "1")


def _from_environment() -> list[str | int] | None:
    text = os.environ.get(VARIABLE)
    if not text:
        return None
    try:
        return list(read_failpoint(text))
    except ValueError as error:
        sys.stderr.write(f"{VARIABLE}: {text!r} is not accepted. Accepted: {error}.\n")
        raise SystemExit(EXIT_BAD_SETTING) from error


def _signal_from_environment() -> signal.Signals:
    text = os.environ.get(SIGNAL_VARIABLE) or "kill"
    if text not in _SIGNALS:
        sys.stderr.write(f"{SIGNAL_VARIABLE}: {text!r} is not accepted. Accepted: {', '.join(_SIGNALS)}.\n")
        raise SystemExit(EXIT_BAD_SETTING)
    return _SIGNALS[text]


_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
_armed = _from_environment()
_signal = _signal_from_environment()


def failpoint(name: str) -> None:
    """End (or stop) this process here if the environment asks for it; otherwise do nothing, at no cost."""
    if _armed is None or _armed[0] != name:
        return
    _armed[1] = int(_armed[1]) - 1
    if _armed[1] == 0:
        os.kill(os.getpid(), _signal)
