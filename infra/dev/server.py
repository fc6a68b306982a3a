"""A server of the development installation: one process that is started, awaited, ended and started again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from infra.dev.process import Child, DevError

_STOP_SECONDS = 15.0


class Server(ABC):
    """What every server can do. One that was stopped or killed starts again on its data and address.

    Not thread-safe. A server says its `name`, and how to `launch` and `wait`.
    """

    name: str
    _child: Child | None = None

    @abstractmethod
    def launch(self) -> None:
        """Start it without waiting, prepared if it is not yet."""

    @abstractmethod
    def wait(self) -> None:
        """Block until it answers. Raises DevError if it ends, or does not in time."""

    @property
    def child(self) -> Child:
        """Its process. Raises DevError before the first `launch`."""
        if self._child is None:
            raise DevError(f"{self.name} has not been started.")
        return self._child

    def start(self) -> Self:
        """Start it and block until it answers. Raises DevError with its last log lines if it does not."""
        self.launch()
        self.wait()
        return self

    def stop(self) -> None:
        """Shut it down in order; returns when it has ended."""
        if self._child is not None:
            self._child.stop(_STOP_SECONDS)

    def kill(self) -> None:
        """End it and its children by SIGKILL, as a power cut would; returns when it has ended. The data stays."""
        self.child.kill()

    def restart(self) -> None:
        """Stop it if it runs and start it again on the same data and address; blocks until it answers."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
