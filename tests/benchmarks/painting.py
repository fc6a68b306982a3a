"""How soon somebody sees something: the browser's own first paint on the archive, with nothing in its cache and after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from consumers.console import sessions
from consumers.console.desk import Console
from tests.benchmarks import archived
from tests.benchmarks.latency import percentile
from tests.consumers.console.browsing import ARGUMENTS, NONE_HERE, chromium, serving

USER = "operator"
PAGES: Mapping[str, str] = {
    "today": "/today",
    "board": "/handovers",
    "case": "/cases/{case}",
    "deliveries": "/deliveries",
    "dead letters": "/dead-letters",
}
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def measure(folder: Path | None, *, cases: int, rounds: int) -> dict[str, float]:
    """Milliseconds from the beginning of the navigation to the first content, `rounds` times for each page.

    The first time a window of its own knows nothing of the console, and fetches style and scripts with the page.
    """
    path = chromium()
    if path is None:
        raise RuntimeError(NONE_HERE)
    figures: dict[str, float] = {}
    with archived.console(folder, cases) as archive, serving(archive.console) as address:
        known = archived.examples(archive.console, None)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
            for name, page in PAGES.items():
                fresh, again = _paints(browser, archive.console, address + page.format_map(known), rounds)
                print(f"{fresh:7.0f} {again:7.0f}  {name}", flush=True)
                figures |= {f"{name} at first ms": fresh, f"{name} p95 ms": again}
            browser.close()
    return figures | {"worst ms": max(figures.values())}


def _paints(browser: Browser, console: Console, address: str, rounds: int) -> tuple[float, float]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    with console.engine.begin() as connection:
        token = sessions.begin(connection, USER, complete=True, now=console.clock())
    context.add_cookies([{"name": "linkage_session", "value": token, "url": address}])
    first = _paint(context, address)
    rest = [_paint(context, address) for _ in range(max(2, rounds))]
    context.close()
    return first, percentile(rest, 95)


def _paint(context: BrowserContext, address: str) -> float:
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(f"{_PAINTED} !== undefined")
    painted: float = page.evaluate(_PAINTED)
    page.close()
    return painted
