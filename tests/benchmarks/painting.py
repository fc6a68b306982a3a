"""How soon somebody sees something: the browser's own first paint on the archive, with nothing in its cache and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from consumers.console import sessions
from consumers.console.desk import Console
from tests.benchmarks import archived
from tests.benchmarks.latency import percentile
from tests.consumers.console.browsing import ARGUMENTS, NONE_HERE, chromium, serving

_Window = Callable[[], BrowserContext]

USER = "operator"
PAGES: Mapping[str, str] = {
    "today": "/today",
    "board": "/handovers",
    "case": "/cases/{case}",
    "deliveries": "/deliveries",
    "dead letters": "/dead-letters",
}
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
"""A function: the console's content security policy keeps pages from evaluating text."""


def measure(folder: Path | None, *, cases: int, rounds: int) -> dict[str, float]:
    """Milliseconds from the beginning of the navigation to the first content, `rounds` times for each page.

    `new` are windows that know nothing of the console, and fetch style and scripts with the page. The very first
    page comes from a database and a console that have just started; it is told apart, since it happens once a day.
    """
    path = chromium()
    if path is None:
        raise RuntimeError(NONE_HERE)
    figures: dict[str, float] = {}
    with archived.console(folder, cases) as archive, serving(archive.console) as address:
        known = archived.examples(archive.console, None)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
            window = partial(_window, browser, archive.console, address)
            first = _new(window, address + PAGES["today"])
            for name, page in PAGES.items():
                new, again = _paints(window, address + page.format_map(known), rounds)
                print(f"{new:7.0f} {again:7.0f}  {name}", flush=True)
                figures |= {f"{name} new p95 ms": new, f"{name} p95 ms": again}
            browser.close()
    return figures | {"worst ms": max(figures.values()), "the very first ms": first}


def _paints(window: _Window, address: str, rounds: int) -> tuple[float, float]:
    new = [_new(window, address) for _ in range(max(2, rounds))]
    context = window()
    again = [_paint(context, address) for _ in range(max(2, rounds) + 1)]
    context.close()
    return percentile(new, 95), percentile(again[1:], 95)


def _new(window: _Window, address: str) -> float:
    context = window()
    painted = _paint(context, address)
    context.close()
    return painted


def _window(browser: Browser, console: Console, address: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    with console.engine.begin() as connection:
        token = sessions.begin(connection, USER, complete=True, now=console.clock())
    context.add_cookies([{"name": "linkage_session", "value": token, "url": address}])
    return context


def _paint(context: BrowserContext, address: str) -> float:
    page = context.new_page()
    page.goto(address)
    painted: float = page.wait_for_function(_PAINTED).json_value()
    page.close()
    return painted
