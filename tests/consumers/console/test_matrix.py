"""Every route of the console that people of units may use, asked by people whom a case does not concern.

The routes are the console's own. A new one fails here until it says what a stranger finds there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import quote
from uuid import UUID
from zipfile import ZipFile, is_zipfile

import pytest
from sqlalchemy import Connection, Select, select

from consumers.bulletins.figures import FIGURES
from consumers.bulletins.issuing import bulletin_id
from consumers.bulletins.periods import Stretch, period_at
from consumers.console.access import ACCESS, OF_A_UNIT
from consumers.console.app import ROUTERS
from consumers.readmodel import scope
from consumers.readmodel.exchanges import bring_up_to_date
from infra.demo.bulletins import campaign_id
from infra.exchange_tables import exchanges
from infra.import_tables import import_jobs
from infra.importing import SheetDesk
from infra.notice_tables import notices
from infra.settings import Settings
from infra.tables import cases, clocks, events, mirrors
from schemas.topics import CASE_EVENTS
from tests.consumers.console.conftest import NOW
from tests.consumers.console.test_isolation import PEOPLE, seen_by

pytestmark = pytest.mark.postgres

NOBODY = UUID(int=0)
BULLETIN = f"/bulletins/{bulletin_id('baiyun', period_at(Stretch.MONTH, NOW).before)}"
YEAR = period_at(Stretch.YEAR, NOW).name
REASON = "不该看见的案件"


@dataclass(frozen=True)
class Foreign:
    """An object of others, in braces, is answered as one that does not exist; `sent` makes it a POST."""

    path: str
    sent: Mapping[str, str] | None = None
    status: int = 404


@dataclass(frozen=True)
class Own:
    """A route that tells of the visitor's own: `paths` are answered and name no case of others, `refused` are not."""

    paths: tuple[str, ...]
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Elsewhere:
    """Not about objects of a case; `why` says what it is about, or where it is tested."""

    why: str


_SIGNING_IN = Elsewhere("who is asking: test_entrance.py, test_provider.py")
_OWN_ACCOUNT = Elsewhere("the visitor's own account: test_entrance.py")
_ALIKE = Elsewhere("the same for everybody")
_MAKES = Elsewhere("makes something of the visitor's own unit")
MATRIX: dict[str, Foreign | Own | Elsewhere] = {
    "sign_in": _SIGNING_IN,
    "sign_in_submitted": _SIGNING_IN,
    "provider_begin": _SIGNING_IN,
    "provider_answer": _SIGNING_IN,
    "second_factor": _SIGNING_IN,
    "second_factor_submitted": _SIGNING_IN,
    "sign_out": _SIGNING_IN,
    "home": _ALIKE,
    "account": _OWN_ACCOUNT,
    "account_password": _OWN_ACCOUNT,
    "account_factor": _OWN_ACCOUNT,
    "printed": Elsewhere("writes an entry of the audit: test_audit.py"),
    "today": Own(("/today",)),
    "mirror_decide": Foreign("/mirrors/{mirror}", {"decision": "dismiss", "reason": REASON}),
    "case_search": Own(("/cases", "/cases?q={case}")),
    "case": Foreign("/cases/{case}"),
    "case_message": Foreign("/cases/{case}/message?{event}"),
    "case_why": Foreign("/cases/{case}/why?{event}"),
    "case_print": Foreign("/cases/{case}/print"),
    "case_reveal": Foreign("/cases/{case}/reveal", {"reason": REASON}, 303),  # to a page that is not there
    "handovers": Own(
        tuple(f"/handovers?whose=seen&shown={part}" for part in ("open", "overdue", "history", "all"))
    ),
    "handovers_calendar": Own(("/handovers/calendar",)),
    "handovers_why": Foreign("/handovers/{clock}/why"),
    "handovers_csv": Own(("/handovers.csv?whose=seen&shown=all",)),
    "handovers_excel": Own(("/handovers.xlsx?whose=seen&shown=all",)),
    "view_keep": Elsewhere("an address that the visitor keeps: test_handovers.py"),
    "view_drop": Elsewhere("an address that the visitor keeps: test_handovers.py"),
    "exchanges": Own(("/exchanges", "/exchanges?state=over", "/exchanges?case={case}")),
    "exchange": Foreign("/exchanges/{exchange}"),
    "exchange_answer": Foreign("/exchanges/{exchange}", {"event": "consult.answered", "answer": "a"}),
    "exchange_new": Own(("/exchanges/new/consult?case={case}",)),
    "exchange_open": Foreign("/exchanges/new/consult", {"case": "{case}", "consult_no": "C-1"}, 400),
    "imports": Own(("/imports",)),
    "import_upload": _MAKES,
    "import_result": Foreign("/imports/{import}"),
    "import_say": Foreign("/imports/{import}/say", {}),
    "import_sheet": Foreign("/imports/{import}/sheet"),
    "import_form": _ALIKE,
    "notices": Own(("/notices",)),
    "notice": Foreign("/notices/{notice}"),
    "notice_file": Foreign("/notices/{notice}/files/0"),
    "notice_new": _MAKES,
    "notice_publish": _MAKES,
    "notice_read": Foreign("/notices/{notice}/read", {}),
    "notice_withdraw": Elsewhere("publishers only: test_notices.py"),
    "library": _ALIKE,
    "library_limits": _ALIKE,
    "library_routing": _ALIKE,
    "bulletins": Own(("/bulletins",)),
    "bulletin": Own((BULLETIN, f"{BULLETIN}?by=field")),
    "bulletin_lines": Own(tuple(f"{BULLETIN}/lines?figure={one.code}" for one in FIGURES)),
    "bulletin_csv": Own((f"{BULLETIN}/bulletin.csv",)),
    "bulletin_excel": Own((f"{BULLETIN}/bulletin.xlsx",)),
    "bulletin_word": Own((f"{BULLETIN}/bulletin.docx",)),
    "bulletin_issue": Elsewhere("for who oversees a district: test_bulletins.py"),
    "bulletin_contest": _MAKES,
    "contest_answer": Elsewhere("for who oversees a district: test_bulletins.py"),
    "statistics": Own((f"/statistics?period={YEAR}", f"/statistics?period={YEAR}&by=field")),
    "statistics_lines": Own(tuple(f"/statistics/lines?period={YEAR}&figure={one.code}" for one in FIGURES)),
    "campaigns": Own(("/campaigns",)),
    "campaign": Own((f"/campaigns/{campaign_id(NOW)}",)),
    "campaign_begin": Elsewhere("for who oversees a district: test_campaigns.py"),
    "campaign_members": Elsewhere("for who oversees a district: test_campaigns.py"),
    "campaign_close": Elsewhere("for who oversees a district: test_campaigns.py"),
    "deliveries": Own(("/deliveries",), ("/deliveries?unit=hd-market",)),
    "statement": Own(("/deliveries/statement",), ("/deliveries/statement?unit=hd-market",)),
    "delivery_retry": Elsewhere("receivers: test_deliveries.py"),
}


def test_every_route_that_people_of_units_may_use_is_in_the_matrix():
    names = {route.name for router in ROUTERS for route in router(None).routes}
    roles = {name: ACCESS[name].roles for name in names}
    assert {name for name in names if roles[name] is None or roles[name] & OF_A_UNIT} == MATRIX.keys()


@pytest.fixture(scope="module")
def indexed(copied, rulebook):
    """A copy of the filled database, since people act on it, with every exchange in its index."""
    bring_up_to_date(copied, CASE_EVENTS, rulebook.register)
    return copied


@pytest.fixture
def visiting(indexed, rulebook, enter):
    """Opens a browser in which somebody is signed in, at a console that takes sheets."""
    desk = SheetDesk(Settings(), rulebook.register, indexed, lambda: NOW)
    return lambda user: enter(indexed, user, importing=desk)


def things_of_others(connector, unit, register) -> dict[str, str]:
    """One of everything that the unit must not see, as an address names it; what there is none of is left out."""
    with connector.connect() as connection:
        case = _first(
            connection, select(events.c.case_id).where(events.c.case_id.not_in(seen_by(connector, unit)))
        )
        event = select(events.c.source, events.c.event_id).where(events.c.case_id == case)
        said = connection.execute(event.limit(1)).first()
        key = exchanges.c.case_id, exchanges.c.track, exchanges.c.number
        own = set(connection.execute(select(*key).where(scope.exchanges_for(unit))))
        other = next((row for row in connection.execute(select(*key)) if row not in own), None)
        found = {
            "case": case,
            "event": said and f"source={said.source}&id={quote(said.event_id)}",
            "clock": _first(connection, select(clocks.c.clock_id).where(~scope.clocks_for(unit))),
            "mirror": _first(connection, select(mirrors.c.mirror_id).where(mirrors.c.unit != unit)),
            "exchange": other and f"{other.case_id}/{other.track}?number={quote(other.number)}",
            "import": _first(connection, select(import_jobs.c.import_id).where(import_jobs.c.unit != unit)),
            "notice": _first(
                connection, select(notices.c.notice_id).where(~scope.notices_for(unit, register))
            ),
        }
    return {name: str(one) for name, one in found.items() if one is not None}


NOTHING = {
    "event": "source=by-env&id=none",
    "exchange": f"{NOBODY}/consult?number=none",
    **dict.fromkeys(("case", "clock", "mirror", "import", "notice"), str(NOBODY)),
}
"""The same names of what does not exist."""


def _first(connection: Connection, rows: Select) -> object:
    return connection.execute(rows.limit(1)).scalars().first()


def _asked(person, row: Foreign, things: Mapping[str, str]):
    path = row.path.format_map(things)
    if row.sent is None:
        return person.get(path)
    return person.post(path, **{name: value.format_map(things) for name, value in row.sent.items()})


@pytest.mark.parametrize(("user", "unit"), PEOPLE.items())
def test_what_is_others_is_answered_as_what_does_not_exist(indexed, visiting, register, user, unit):
    person, things = visiting(user), things_of_others(indexed, unit, register)
    for name, row in MATRIX.items():
        wanted = (
            [one for one in NOTHING if f"{{{one}}}" in f"{row.path} {row.sent}"]
            if isinstance(row, Foreign)
            else []
        )
        if not wanted or not things.keys() >= set(wanted):
            continue
        found, missing = _asked(person, row, things), _asked(person, row, NOTHING)
        assert (name, found.status_code, missing.status_code) == (name, row.status, row.status)
        told = (_main(found.text, things), _main(missing.text, NOTHING))
        assert (name, told[0]) == (name, told[1])


def test_each_object_of_others_is_asked_for_by_somebody(indexed, register):
    there = set().union(*(things_of_others(indexed, unit, register) for unit in PEOPLE.values()))
    assert there == NOTHING.keys()


@pytest.mark.parametrize(("user", "unit"), PEOPLE.items())
def test_what_tells_of_ones_own_names_no_case_of_others(indexed, visiting, register, user, unit):
    person, foreign = visiting(user), foreign_numbers(indexed, unit)
    things = NOTHING | things_of_others(indexed, unit, register)
    for name, row in MATRIX.items():
        for path in row.paths if isinstance(row, Own) else ():
            answer = person.get(path.format_map(things))
            assert (name, answer.status_code) == (name, 200)
            text = _text(answer.content)
            assert (name, {number for number in foreign if number in text}) == (name, set())
        for path in row.refused if isinstance(row, Own) else ():
            assert (name, person.get(path).status_code) == (name, 404)


def _main(page: str, things: Mapping[str, str]) -> str:
    """What a page says, without the names in its address."""
    said = page.partition("<main")[2].partition("</main>")[0]
    for thing in things.values():
        said = said.replace(thing, "")
    return said


def foreign_numbers(connector, unit) -> set[str]:
    """The numbers of cases of which the unit may see nothing: no event, no clock, no mirror."""
    with connector.connect() as connection:
        clocks_ = connection.execute(select(clocks.c.case_id).where(scope.clocks_for(unit))).scalars()
        mirrors_ = connection.execute(select(mirrors.c.case_id).where(scope.mirrors_for(unit))).scalars()
        seen = seen_by(connector, unit) | set(clocks_) | set(mirrors_)
        rows = select(cases.c.origin_case).where(cases.c.case_id.not_in(seen))
        return set(connection.execute(rows).scalars())


def _text(content: bytes) -> str:
    """A page as it is; of a workbook or document all its parts."""
    if not is_zipfile(BytesIO(content)):
        return content.decode()
    with ZipFile(BytesIO(content)) as parts:
        return "".join(parts.read(name).decode(errors="replace") for name in parts.namelist())
