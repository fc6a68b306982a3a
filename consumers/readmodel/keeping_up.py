"""A thread that keeps projections of the log up to date, so that pages never wait for catching up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event, Thread

import structlog
from sqlalchemy.exc import SQLAlchemyError

EVERY_SECONDS = 5.0
log = structlog.get_logger(__name__)


class KeepingUp:
    """Does each of `projections` every few seconds from `start` to `stop`. A database that is away is waited for."""

    def __init__(self, projections: Sequence[Callable[[], object]], *, every: float = EVERY_SECONDS) -> None:
        self._projections = projections
        self._every = every
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="keeping-up", daemon=True)

    def start(self) -> None:
        """Begins at once, in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the projection under way. Blocks until then."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            for bring_up_to_date in self._projections:
                if self._stopped.is_set():
                    return
                try:
                    bring_up_to_date()
                except SQLAlchemyError as error:
                    log.warning("projection waits", reason=str(error.__cause__ or error))
            self._stopped.wait(self._every)
