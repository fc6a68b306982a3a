"""The pages in a real browser: both languages, themes and widths, for everybody who can see or can only type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import Engine, select

from consumers.administration.proposals import Kind
from consumers.bulletins.issuing import bulletin_id
from consumers.bulletins.periods import Stretch, period_at
from consumers.console import sessions
from consumers.console.app import ROUTERS
from consumers.console.desk import Console, Options
from consumers.monitoring.lag import State
from consumers.monitoring.standings import standings
from consumers.monitoring.watching import Look, PartitionLine
from infra.demo.administration import proposal_id
from infra.demo.bulletins import campaign_id
from infra.demo.redrives import JOB
from infra.import_tables import import_jobs
from infra.importing import SheetDesk
from infra.notice_tables import notices
from infra.settings import Settings
from infra.tables import clocks, events, quarantine
from schemas.identity import case_id
from tests.consumers.console.browsing import ARGUMENTS, NONE_HERE, Watched, chromium, serving
from tests.consumers.console.conftest import NOW, PASSWORD
from tests.consumers.console.test_case_page import CASE

pytestmark = [pytest.mark.postgres, pytest.mark.browser]

SHORT_CASE = case_id("by-env", "白环立〔2026〕31-2号")
LEAD = "白环障〔2026〕1号"
PAGES = (
    ("operator", "/today"),
    ("pil", "/today"),
    ("operator", "/cases"),
    ("operator", f"/cases/{SHORT_CASE}"),
    ("auditor", f"/cases/{SHORT_CASE}/print"),
    ("operator", f"/cases/{SHORT_CASE}/why?source={{source}}&id={{event}}"),
    ("operator", f"/cases/{SHORT_CASE}/message?source={{source}}&id={{event}}"),
    ("police", "/handovers?shown=history&whose=seen"),
    ("operator", "/handovers/calendar"),
    ("operator", "/handovers/{clock}/why"),
    ("operator", "/exchanges?state=over"),
    ("criminal", "/exchanges"),
    ("criminal", f"/exchanges/{SHORT_CASE}/obstacle?number={quote(LEAD)}"),
    ("police", "/exchanges/new/intervention"),
    ("env", "/imports"),
    ("env", "/imports/{imported}"),
    ("criminal", "/notices"),
    ("operator", "/notices/{notice}"),
    ("criminal", "/notices/new"),
    ("pil", "/library?field=environment"),
    ("auditor", "/library/limits"),
    ("auditor", "/library/routing"),
    ("env", "/account"),
    ("operator", "/bulletins"),
    ("operator", f"/bulletins/{bulletin_id('baiyun', period_at(Stretch.MONTH, NOW).before)}"),
    ("police", f"/bulletins/{bulletin_id('baiyun', period_at(Stretch.QUARTER, NOW).before)}"),
    ("criminal", f"/statistics?by=field&period={period_at(Stretch.YEAR, NOW).name}"),
    ("env", f"/statistics/lines?figure=transferred&period={period_at(Stretch.MONTH, NOW).before.name}"),
    (
        "env",
        f"/bulletins/{bulletin_id('baiyun', period_at(Stretch.MONTH, NOW).before)}/lines?figure=transferred",
    ),
    ("operator", "/campaigns"),
    ("criminal", f"/campaigns/{campaign_id(NOW)}"),
    ("operator", "/streams"),
    ("operator", "/streams/tail"),
    ("auditor", "/streams/contracts"),
    ("operator", "/dead-letters"),
    ("operator", "/dead-letters/record?topic={topic}&partition={partition}&offset={offset}"),
    ("auditor", f"/dead-letters/jobs/{JOB}"),
    ("operator", "/dead-letters?kind=parked"),
    ("operator", "/deliveries"),
    ("police", "/deliveries/statement"),
    ("auditor", "/audit"),
    ("security", "/people"),
    ("security", "/units"),
    ("security", "/units/by-env"),
    ("security", "/proposals"),
    ("second", f"/proposals/{proposal_id(Kind.PROFILES)}"),
    ("security", "/rules"),
    ("security", "/channels"),
    ("security", "/today"),  # refused
    ("security", "/second-factor"),
    ("", "/sign-in"),
)
"""Who looks at what; what stands in braces is found in the database."""
NO_PAGES = frozenset(
    {
        "home",
        "provider_begin",
        "provider_answer",
        "handovers_csv",
        "handovers_excel",
        "notice_file",
        "import_sheet",
        "import_form",
        "bulletin_csv",
        "bulletin_excel",
        "bulletin_word",
        "tail_lines",
        "audit_csv",
        "audit_excel",
    }
)
"""Routes that answer with a file, a stream or another address."""
ANSWERED = re.compile(r"403 \(Forbidden\)")
"""What a browser says of a page that is refused."""
LOOKS = (
    ("zh-CN", "light", 1440),
    ("zh-CN", "dark", 390),
    ("en", "dark", 1440),
    ("en", "light", 390),
)
"""Each language with each theme and each width, each theme with each width."""


class Observed:
    """What operators see of a broker: the database's standings, and partitions in each state."""

    needs_approval = True
    max_bytes = 262_144

    def __init__(self, connector: Engine) -> None:
        self._engine = connector

    def look(self) -> Look:
        lines = tuple(
            PartitionLine("case-events", n, 900, 900 - 7 * n, 7 * n, 1.5 * n, 12.5, state)
            for n, state in enumerate(State)
        )
        with self._engine.connect() as connection:
            return Look(standings(connection), lines)

    def begin(self, job_id: UUID) -> None:
        raise AssertionError(f"nothing is sent here: {job_id}")


@pytest.fixture(scope="module")  # its event loop runs in this thread, where others want theirs
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip(NONE_HERE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def served(filled, rulebook) -> Iterator[str]:
    """The address of a console that serves the filled database."""
    importing = SheetDesk(Settings(), rulebook.register, filled, lambda: NOW)
    parts = Console(filled, rulebook, lambda: NOW, Options(), operating=Observed(filled), importing=importing)
    with serving(parts) as address:
        yield address


@pytest.fixture
def look(browser, served, filled):
    """Opens a window for somebody."""
    opened = []

    def opening(user: str, *, width: int = 1440, scripts: bool = True) -> Watched:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="zh-CN", java_script_enabled=scripts
        )
        opened.append(context)
        if user:
            with filled.begin() as connection:
                token = sessions.begin(connection, user, complete=True, now=NOW)
            context.add_cookies([{"name": "linkage_session", "value": token, "url": served}])
        return Watched.of(context, served)

    yield opening
    for context in opened:
        context.close()


def test_every_page_of_the_console_is_looked_at():
    paths = [urlsplit(path).path for _, path in PAGES]
    routes = [route for router in ROUTERS for route in router(None).routes if "GET" in route.methods]
    unseen = {route.name for route in routes if not any(route.path_regex.match(path) for path in paths)}
    assert unseen == NO_PAGES


def _there(connector: Engine) -> dict[str, object]:
    """What stands in the braces of PAGES: things that this database has."""
    with connector.connect() as connection:
        record = connection.execute(select(quarantine).limit(1)).one()
        event = connection.execute(select(events).where(events.c.case_id == SHORT_CASE).limit(1)).one()
        return {
            "notice": connection.execute(select(notices.c.notice_id).order_by(notices.c.title))
            .scalars()
            .first(),
            "imported": connection.execute(select(import_jobs.c.import_id).limit(1)).scalar_one(),
            "clock": connection.execute(select(clocks.c.clock_id).limit(1)).scalar_one(),
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.log_offset,
            "source": event.source,
            "event": event.event_id,
        }


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS, ids=str)
def test_every_page_can_be_read_by_everybody(look, filled, language, theme, width):
    wrong = {}
    there = _there(filled)
    for user in dict.fromkeys(user for user, _ in PAGES):
        window = look(user, width=width)
        for path in (path.format_map(there) for who, path in PAGES if who == user):
            page = window.go(f"{path}{'&' if '?' in path else '?'}lang={language}&theme={theme}")
            found = window.violations() + ["wider than the window"] * window.overflows()
            if page.locator("html").get_attribute("lang") != language or not page.locator("h1").count():
                found.append("not the page that was asked for")
            refused = [line for line in window.wrong if not ANSWERED.search(line)]
            window.wrong.clear()
            if found or refused:
                wrong[f"{user} {path}"] = found + refused
    assert wrong == {}


def test_everything_is_done_with_the_keyboard_alone(look):
    window = look("")
    page, keys = window.go("/sign-in"), window.page.keyboard
    keys.type("police")  # the field has the focus
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/today$"))
    keys.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("main")).to_be_focused()
    keys.press("Alt+3")
    expect(page).to_have_url(re.compile("/handovers$"))
    for _ in range(60):
        keys.press("Tab")
        if page.evaluate("document.activeElement.hasAttribute('hx-get')"):
            break
    keys.press("Enter")
    expect(page.locator(".why .steps").first).to_be_visible()
    expect(page).to_have_url(re.compile("/handovers$"))
    keys.press("Alt+2")
    expect(page).to_have_url(re.compile("/cases$"))
    keys.press("/")
    keys.type("白环立")
    keys.press("Enter")
    expect(page.locator("tbody tr").first).to_contain_text("白环立")
    assert window.wrong == []


def test_the_consumer_group_is_told_by_its_worst_partition(look):
    page = look("operator").go("/streams?lang=en")
    group = page.locator("#readers > p").first
    expect(group).to_contain_text("linkage-worker")
    expect(group).to_contain_text("rewound")
    expect(group).to_contain_text(f"{sum(7 * n for n in range(len(State)))}")


def test_without_scripts_everything_is_read_and_filtered(look):
    window = look("operator", scripts=False)
    page = window.go("/handovers")
    page.locator("select[name=rule]").select_option("O310-08")
    page.locator("form.filters button").first.click()
    expect(page).to_have_url(re.compile("rule=O310-08"))
    page.locator("tbody td.when a").first.click()
    expect(page.locator(".steps li").first).to_be_visible()
    page = window.go(f"/cases/{CASE}")
    page.locator(".timeline details summary").first.click()
    expect(page.locator(".timeline details .place").first).to_be_visible()


def test_the_why_of_an_event_opens_in_its_place(look):
    window = look("operator")
    page = window.go(f"/cases/{CASE}")
    sent = page.locator(".timeline > li", has_text="正式移送").first
    sent.locator("summary").click()
    sent.locator("a[hx-get]").click()
    expect(sent.locator(".account")).to_contain_text("白云区公安分局")
    assert window.wrong == []


PAPER = 673
"""CSS pixels between the margins of a sheet of A4."""
BULLETIN = bulletin_id("baiyun", period_at(Stretch.MONTH, NOW).before)


@pytest.mark.parametrize(
    "path",
    [
        f"/cases/{CASE}/print",
        f"/bulletins/{BULLETIN}",
        f"/bulletins/{BULLETIN}?by=field",
        "/deliveries/statement?unit=by-police",
    ],
)
def test_a_sheet_of_paper_holds_all_of_it_and_nothing_to_click(look, path):
    window = look("operator", width=PAPER)
    page = window.go(path)
    page.emulate_media(media="print")
    expect(page.locator("header.top")).to_be_hidden()
    assert page.locator("form:visible, button:visible, .acts:visible").count() == 0
    assert not window.overflows()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_on_paper_everything_of_a_case_is_unfolded(look):
    page = look("operator").go(f"/cases/{CASE}/print")
    page.emulate_media(media="print")
    expect(page.locator(".timeline details .place").first).to_be_visible()
