"""Looking up receivers' names: a name whose server is silent holds up nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from ipaddress import ip_address
from threading import Thread

LookUp = Callable[[str, int], list[str]]
"""All addresses of a host; blocks, for as long as its name server says nothing. Raises OSError or UnicodeError."""

_Asked = tuple[str, int]


def look_up(host: str, port: int) -> list[str]:
    """The addresses of `host` by the machine's resolver."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Names:
    """Looks names up, each in a thread of its own. Lives in one event loop.

    An event loop has a handful of threads for lookups, and one that began cannot be taken back: a few receivers
    with a silent name server would hold up all the others. Whoever asks for a name that is being looked up waits
    for the same answer, so that a silent one holds one thread. The threads are daemons: a process ends without them.
    """

    def __init__(self, looking_up: LookUp = look_up) -> None:
        self._look_up = looking_up
        self._under_way: dict[_Asked, asyncio.Future[list[str]]] = {}

    async def __call__(self, host: str, port: int) -> list[str]:
        """The addresses of `host`, as they are now. Raises OSError or UnicodeError. May be cancelled."""
        name = host.strip("[]")
        with contextlib.suppress(ValueError):
            return [str(ip_address(name))]
        found = self._under_way.get((name, port))
        if found is None:
            loop = asyncio.get_running_loop()
            found = self._under_way[name, port] = loop.create_future()
            Thread(target=self._run, args=((name, port), loop), daemon=True, name=f"look up {name}").start()
        return await asyncio.shield(found)

    def _run(self, asked: _Asked, loop: asyncio.AbstractEventLoop) -> None:
        told: list[str] | OSError | UnicodeError
        try:
            told = self._look_up(*asked)
        except (OSError, UnicodeError) as error:
            told = error
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
            loop.call_soon_threadsafe(self._tell, asked, told)

    def _tell(self, asked: _Asked, told: list[str] | OSError | UnicodeError) -> None:
        found = self._under_way.pop(asked)
        if isinstance(told, list):
            found.set_result(told)
        else:
            found.set_exception(told)
            found.exception()  # seen, even if everybody who asked has given up
