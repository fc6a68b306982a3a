"""A thread that counts what was applied, so that pages show figures of these seconds and never wait for counting."""

from __future__ import annotations

from threading import Event, Thread

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from consumers.bulletins.counting import bring_up_to_date

EVERY_SECONDS = 5.0
log = structlog.get_logger(__name__)


class Counter:
    """Counts every few seconds from `start` to `stop`. A database that is away is waited for."""

    def __init__(self, engine: Engine, topic: str, *, every: float = EVERY_SECONDS) -> None:
        self._engine = engine
        self._topic = topic
        self._every = every
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="counting", daemon=True)

    def start(self) -> None:
        """Begins at once, in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the transaction under way. Blocks until then."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                bring_up_to_date(self._engine, self._topic)
            except SQLAlchemyError as error:
                log.warning("counting.waits", reason=str(error.__cause__ or error))
            self._stopped.wait(self._every)
