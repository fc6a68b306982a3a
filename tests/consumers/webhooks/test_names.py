"""Names of receivers are looked up so that one whose name server is silent holds up nobody else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from consumers.webhooks.names import Names

ADDRESS = "192.0.2.7"
MANY = 100


class Resolver:
    """Knows one name; those that begin with `silent` get no answer until `speak` is set."""

    def __init__(self) -> None:
        self.speak = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str, _: int) -> list[str]:
        self.asked.append(host)
        if host.startswith("silent"):
            self.speak.wait(30)
        if host.startswith("unknown"):
            raise OSError(host)
        return [ADDRESS]


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    made = Resolver()
    yield made
    made.speak.set()


def test_names_whose_server_is_silent_hold_up_no_other(resolver):
    async def ask() -> list[str]:
        names = Names(resolver)
        waiting = [asyncio.create_task(names(f"silent-{number}.example", 443)) for number in range(MANY)]
        async with asyncio.timeout(20):
            found = await names("office.example", 443)
        for one in waiting:
            one.cancel()
        return found

    assert asyncio.run(ask()) == [ADDRESS]


def test_a_name_is_looked_up_once_for_all_who_ask_meanwhile_and_anew_afterwards(resolver):
    async def ask() -> None:
        names = Names(resolver)
        together = [asyncio.create_task(names("silent.example", 443)) for _ in range(8)]
        await asyncio.sleep(0)
        resolver.speak.set()
        assert await asyncio.gather(*together) == [[ADDRESS]] * 8
        await names("silent.example", 443)

    asyncio.run(ask())
    assert resolver.asked == ["silent.example"] * 2


def test_who_gives_up_takes_the_answer_from_nobody(resolver):
    async def ask() -> list[str]:
        names = Names(resolver)
        hasty = asyncio.create_task(names("silent.example", 443))
        patient = asyncio.create_task(names("silent.example", 443))
        await asyncio.sleep(0)
        hasty.cancel()
        await asyncio.wait([hasty])
        resolver.speak.set()
        return await patient

    assert asyncio.run(ask()) == [ADDRESS]


def test_all_who_ask_for_an_unknown_name_are_told_so(resolver):
    async def ask() -> list[object]:
        names = Names(resolver)
        return await asyncio.gather(
            *(names("unknown.example", 443) for _ in range(3)), return_exceptions=True
        )

    assert [str(one) for one in asyncio.run(ask())] == ["unknown.example"] * 3


@pytest.mark.parametrize(("literal", "found"), [("127.0.0.1", "127.0.0.1"), ("[2001:db8::1]", "2001:db8::1")])
def test_an_address_needs_no_lookup(resolver, literal, found):
    assert asyncio.run(Names(resolver)(literal, 443)) == [found]
    assert resolver.asked == []
