"""Logging of every process, set up once: one line per event on standard error, and never a payload."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from datetime import date
from enum import Enum
from pathlib import PurePath
from typing import Any, TextIO
from uuid import UUID

import structlog

_QUIET = ("aiokafka", "alembic", "asyncio", "faust", "httpx", "kafka", "mode", "uvicorn.access")
"""Libraries that tell of their inner life at INFO; heard from WARNING on."""
_LONGEST = 2000
_Event = MutableMapping[str, Any]


def configure_logging(process: str, *, stream: TextIO | None = None, console: bool | None = None) -> None:
    """Send every log line, ours and the libraries', to `stream` (standard error) with the process's name.

    For people when `console` (default: the stream is a terminal), otherwise one JSON object per line, times
    in UTC. Values that could carry what units report (bytes, lists, mappings, objects) are replaced by their
    size or type, whoever logs them. Call once, at the start of a process.
    """
    out = stream or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_payloads,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    handler = logging.StreamHandler(out)
    handler.setFormatter(_formatter(shared, people=out.isatty() if console is None else console))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def without_payloads(_logger: object, _method: str, event: _Event) -> _Event:
    """Replace every value that is not a short plain one: what a unit reported has no business in a log."""
    return {
        name: value if name in {"exc_info", "_record"} else _plain(value) for name, value in event.items()
    }


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str | int) else value.name
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}… ({len(value)} characters)"
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, UUID | date | PurePath | BaseException):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    return f"<{type(value).__name__}>"


def _formatter(shared: list[Any], *, people: bool) -> logging.Formatter:
    ending: list[Any] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if people
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
    )
