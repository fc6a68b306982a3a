"""Everything that the OpenAPI document allows, and what it does not, asked of a gateway: schemathesis chooses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

ENDLESS = ("GET", "/v1/feeds/me/stream")
"""Answers as long as somebody listens; tests/consumers/readmodel/test_stream.py asks it."""

Ask = Callable[[str, str, Mapping[str, Any]], int]
"""(method, path, what httpx takes besides) → the status of the answer."""


def ask_everything(document: dict[str, Any], ask: Ask, *, examples: int) -> Counter[str]:
    """Asks every operation `examples` times each way; returns how often which class of status was answered.

    Raises AssertionError, with a request that does it made as small as possible, at the first answer of 500 or more.
    """
    counts: Counter[str] = Counter()
    for operation in _operations(document):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _ask(operation, mode, ask, examples, counts)
    return counts


def _operations(document: dict[str, Any]) -> Iterator[Any]:
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) != ENDLESS:
            yield operation


def _ask(operation: Any, mode: GenerationMode, ask: Ask, examples: int, counts: Counter[str]) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples < 10,  # the short run in `make test` is the same everywhere
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def once(case: Any) -> None:
        asked = case.as_transport_kwargs(base_url="http://testserver")
        method, url = asked.pop("method"), asked.pop("url")
        asked = _for_httpx(asked)
        try:
            status = ask(method, url, asked)
        except (httpx.LocalProtocolError, httpx.InvalidURL, UnicodeError):  # no HTTP request at all
            counts["unsendable"] += 1
            return
        counts[f"{status // 100}xx"] += 1
        assert status < 500, f"{method} {url} was answered by {status}: {asked}"

    with suppress(Unsatisfiable):  # an operation without parameters cannot be asked wrongly
        once()


def _for_httpx(asked: dict[str, Any]) -> dict[str, Any]:
    """What schemathesis has for requests, as httpx names it."""
    raw = {"content": asked["data"]} if isinstance(asked.get("data"), bytes | str) else {}
    left = {"cookies", "data"} if raw else {"cookies"}
    return {name: value for name, value in asked.items() if name not in left} | raw
