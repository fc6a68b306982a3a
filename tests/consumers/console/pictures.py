"""`python -m tests.consumers.console.pictures`: takes the pictures of both READMEs anew, in each one's language."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from consumers.administration.proposals import Kind
from consumers.bulletins.issuing import bulletin_id
from consumers.bulletins.periods import Stretch, period_at
from consumers.console import sessions
from consumers.console.desk import Console, Options
from infra.database import create_database, engine, migrate
from infra.demo.administration import proposal_id
from infra.demo.cast import HOME
from infra.dev.postgres import Postgres, PostgresOptions
from infra.rules import read_rulebook
from infra.settings import Settings
from schemas.identity import case_id
from tests.conftest import DEMO_UNITS
from tests.consumers.console.browsing import ARGUMENTS, NONE_HERE, chromium, serving
from tests.consumers.console.world import demonstrate

FOLDER = Path(__file__).parents[3] / "docs" / "images"
LANGUAGES = ("zh-CN", "en")
_SIZE = {"width": 1160, "height": 700}
_PLAIN = ("--disable-lcd-text", "--font-render-hinting=none")
"""Letters without coloured edges: half the bytes."""
_CASE = case_id("by-env", "白环立〔2026〕31-2号")


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as somebody sees it; `{bulletin}` in a path is last month's."""

    name: str
    user: str
    path: str
    theme: str = "light"

    def file(self, language: str) -> str:
        """What it is called in `FOLDER`."""
        return f"console-{self.name}{'' if language == LANGUAGES[0] else f'.{language}'}.png"


PICTURES = (
    Picture("today", "operator", "/today"),
    Picture("case", "operator", f"/cases/{_CASE}"),
    Picture("handovers", "operator", "/handovers"),
    Picture("today-dark", "criminal", "/today", "dark"),
    Picture("exchanges", "criminal", "/exchanges"),
    Picture("bulletin", "operator", "/bulletins/{bulletin}"),
    Picture("proposal", "second", f"/proposals/{proposal_id(Kind.PROFILES)}"),
)


def main() -> None:
    """Fills a bus of its own with what `make demo` has and looks at it. Raises RuntimeError without a Chromium."""
    path = chromium()
    if path is None:
        raise RuntimeError(NONE_HERE)
    now = datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory(prefix="linkage-pictures-") as folder:
        Path(folder).chmod(0o711)  # as root, PostgreSQL runs under another account, which has to pass through
        with Postgres(Path(folder) / "postgres", options=PostgresOptions(durable=False)) as server:
            settings = Settings(database=create_database(server.url(), "pictures"), units=DEMO_UNITS)
            migrate(settings.database)
            connector, rulebook = engine(settings), read_rulebook(settings)
            demonstrate(connector, settings, rulebook, now)
            console = Console(connector, rulebook, lambda: now, Options())
            with serving(console) as address, sync_playwright() as playwright:
                for language in LANGUAGES:
                    spoken = {**os.environ, "LANGUAGE": language.replace("-", "_")}  # of the fields for dates
                    arguments = [*ARGUMENTS, *_PLAIN]
                    browser = playwright.chromium.launch(executable_path=path, args=arguments, env=spoken)
                    for picture in PICTURES:
                        _take(browser, console, address, picture, language)
                    browser.close()
            connector.dispose()


def _take(browser: Browser, console: Console, address: str, picture: Picture, language: str) -> None:
    now = console.clock()
    bulletin = bulletin_id(HOME, period_at(Stretch.MONTH, now).before)
    with console.engine.begin() as connection:
        token = sessions.begin(connection, picture.user, complete=True, now=now)
    context = browser.new_context(viewport=_SIZE, locale=language)
    context.add_cookies([{"name": "linkage_session", "value": token, "url": address}])
    page = context.new_page()
    path = picture.path.format(bulletin=bulletin)
    page.goto(f"{address}{path}?lang={language}&theme={picture.theme}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / picture.file(language))
    context.close()


if __name__ == "__main__":
    main()
