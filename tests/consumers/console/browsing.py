"""A real Chromium for the tests, Debian's: where it is, how it is started, and what is looked at on a page."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from playwright.sync_api import BrowserContext, Page

from consumers.console.app import create_app
from consumers.console.desk import Console
from infra.dev.process import free_port

NONE_HERE = "the browser tests were not run: there is no Chromium; `apt-get install -y chromium fonts-noto-cjk` gets one"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = Path(__file__).with_name("vendor") / "axe.min.js"
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


def chromium() -> str | None:
    """The path of a Chromium, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("LINKAGE_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextmanager
def serving(console: Console) -> Iterator[str]:
    """The address of a console that serves from a thread, as a browser needs one."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(console), port=port, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@dataclass
class Watched:
    """A page on which everything is noted that must not be: foreign requests, errors, what the policy stopped."""

    page: Page
    address: str
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, context: BrowserContext, address: str) -> Watched:
        watched = cls(context.new_page(), address)
        watched.page.on("request", lambda request: watched._check(request.url))
        watched.page.on("pageerror", lambda error: watched.wrong.append(f"error: {error}"))
        watched.page.on("console", lambda said: said.type == "error" and watched.wrong.append(said.text))
        return watched

    def _check(self, url: str) -> None:
        if not url.startswith("data:") and urlsplit(url).netloc != urlsplit(self.address).netloc:
            self.wrong.append(f"asked another host: {url}")

    def go(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def violations(self) -> list[str]:
        """What axe finds against WCAG 2.2 AA, one line for each rule and the first element."""
        self.page.evaluate(AXE.read_text("utf-8"))
        options = json.dumps({"runOnly": list(_RULES), "resultTypes": ["violations"]})
        found: dict[str, Any] = self.page.evaluate(f"axe.run(document, {options})")
        return [
            f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary'][:200]}"
            for one in found["violations"]
        ]

    def overflows(self) -> bool:
        """Whether the page is wider than the window."""
        wider: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wider
