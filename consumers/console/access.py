"""Who may do what in the console: one row for each route. A route without a row does not start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class ConsoleRole(StrEnum):
    """What a person may do here. The duties of running, watching and admitting are in separate hands (三员分立)."""

    OPERATOR = "operator"  # 运维员: runs the bus, sees everything, masked
    AUDITOR = "auditor"  # 审计员: reads everything, changes nothing
    SECURITY = "security"  # 安全管理员: admits people; sees no case
    HEAD = "head"  # 部门负责人: one unit's
    CLERK = "clerk"  # 经办人: one unit's


OF_A_UNIT = frozenset({ConsoleRole.HEAD, ConsoleRole.CLERK})
"""Roles of people who belong to one unit and see what that unit sees."""


class Action(StrEnum):
    """What an entry of the audit says that somebody did."""

    NONE = ""  # not worth an entry: nothing of a case is on the page
    READ = "read"
    SEARCH = "search"
    EXPORT = "export"
    PRINT = "print"
    REVEAL = "reveal"
    CHANGE = "change"
    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route, and as what its use is entered in the audit before it is answered.

    `roles` None: nobody has to be signed in. `halfway`: also for whom the second factor is still to come.
    """

    roles: frozenset[ConsoleRole] | None
    action: Action = Action.NONE
    halfway: bool = False


_ALL = frozenset(ConsoleRole)
_CASES = _ALL - {ConsoleRole.SECURITY}
_REVEALING = frozenset({ConsoleRole.OPERATOR}) | OF_A_UNIT
_OPERATING = frozenset({ConsoleRole.OPERATOR})
_SUPERVISING = _OPERATING | {ConsoleRole.HEAD}  # of heads, those at the procuratorate: `sight.oversees`
_RUNNING = _OPERATING | {ConsoleRole.AUDITOR}
_WATCHING = frozenset({ConsoleRole.AUDITOR, ConsoleRole.SECURITY})
_PUBLISHING = frozenset({ConsoleRole.OPERATOR, ConsoleRole.HEAD})
_ADMITTING = frozenset({ConsoleRole.SECURITY})
_ADMINISTERED = _WATCHING | _OPERATING

ACCESS: Mapping[str, Access] = MappingProxyType(
    {
        "sign_in": Access(None),
        "sign_in_submitted": Access(None),
        "provider_begin": Access(None),
        "provider_answer": Access(None),
        "second_factor": Access(_ALL, halfway=True),
        "second_factor_submitted": Access(_ALL, halfway=True),
        "sign_out": Access(_ALL, Action.SIGN_OUT, halfway=True),
        "home": Access(_ALL),
        "account": Access(_ALL),
        "account_password": Access(_ALL, Action.CHANGE),
        "account_factor": Access(_ALL, Action.CHANGE),
        "today": Access(_CASES, Action.READ),
        "mirror_decide": Access(OF_A_UNIT, Action.CHANGE),
        "case_search": Access(_CASES, Action.SEARCH),
        "case": Access(_CASES, Action.READ),
        "case_why": Access(_CASES, Action.READ),
        "case_message": Access(_CASES, Action.READ),
        "case_print": Access(_CASES, Action.PRINT),
        "case_reveal": Access(_REVEALING, Action.REVEAL),
        "case_pack": Access(_OPERATING, Action.EXPORT),
        "handovers": Access(_CASES, Action.SEARCH),
        "handovers_calendar": Access(_CASES, Action.SEARCH),
        "handovers_why": Access(_CASES, Action.READ),
        "handovers_csv": Access(_CASES, Action.EXPORT),
        "handovers_excel": Access(_CASES, Action.EXPORT),
        "view_keep": Access(_CASES, Action.CHANGE),
        "view_drop": Access(_CASES, Action.CHANGE),
        "exchanges": Access(_CASES, Action.SEARCH),
        "exchange": Access(_CASES, Action.READ),
        "exchange_answer": Access(OF_A_UNIT, Action.CHANGE),
        "exchange_new": Access(OF_A_UNIT),
        "exchange_open": Access(OF_A_UNIT, Action.CHANGE),
        "imports": Access(OF_A_UNIT, Action.READ),
        "import_upload": Access(OF_A_UNIT, Action.CHANGE),
        "import_result": Access(OF_A_UNIT, Action.READ),
        "import_say": Access(OF_A_UNIT, Action.CHANGE),
        "import_sheet": Access(OF_A_UNIT, Action.EXPORT),
        "import_form": Access(OF_A_UNIT),
        "notices": Access(_CASES, Action.READ),
        "notice": Access(_CASES, Action.READ),
        "notice_file": Access(_CASES, Action.EXPORT),
        "notice_new": Access(_PUBLISHING),
        "notice_publish": Access(_PUBLISHING, Action.CHANGE),
        "notice_read": Access(OF_A_UNIT, Action.CHANGE),
        "notice_withdraw": Access(_PUBLISHING, Action.CHANGE),
        "library": Access(_ALL),
        "library_limits": Access(_ALL),
        "library_routing": Access(_ALL),
        "bulletins": Access(_CASES, Action.READ),
        "bulletin": Access(_CASES, Action.READ),
        "bulletin_lines": Access(_CASES, Action.SEARCH),
        "bulletin_csv": Access(_CASES, Action.EXPORT),
        "bulletin_excel": Access(_CASES, Action.EXPORT),
        "bulletin_word": Access(_CASES, Action.EXPORT),
        "bulletin_issue": Access(_SUPERVISING, Action.CHANGE),
        "bulletin_contest": Access(OF_A_UNIT, Action.CHANGE),
        "contest_answer": Access(_SUPERVISING, Action.CHANGE),
        "statistics": Access(_CASES, Action.READ),
        "statistics_lines": Access(_CASES, Action.SEARCH),
        "campaigns": Access(_CASES, Action.READ),
        "campaign": Access(_CASES, Action.READ),
        "campaign_begin": Access(_SUPERVISING, Action.CHANGE),
        "campaign_members": Access(_SUPERVISING, Action.CHANGE),
        "campaign_close": Access(_SUPERVISING, Action.CHANGE),
        "streams": Access(_RUNNING, Action.READ),
        "contracts": Access(_RUNNING, Action.READ),
        "contract_check": Access(_RUNNING, Action.READ),
        "tail": Access(_RUNNING, Action.READ),
        "tail_lines": Access(_RUNNING, Action.READ),
        "dead_letters": Access(_RUNNING, Action.READ),
        "dead_letters_change": Access(_OPERATING, Action.CHANGE),
        "dead_letter": Access(_RUNNING, Action.READ),
        "redrive_job": Access(_RUNNING, Action.READ),
        "redrive_job_change": Access(_OPERATING, Action.CHANGE),
        "deliveries": Access(_CASES, Action.READ),
        "statement": Access(_CASES, Action.READ),
        "delivery_retry": Access(_OPERATING | OF_A_UNIT, Action.CHANGE),
        "audit": Access(_WATCHING, Action.SEARCH),
        "audit_csv": Access(_WATCHING, Action.EXPORT),
        "audit_excel": Access(_WATCHING, Action.EXPORT),
        "printed": Access(_ALL, Action.NONE),  # writes for itself which page it was
        "units": Access(_ADMINISTERED, Action.READ),
        "unit": Access(_ADMINISTERED, Action.READ),
        "unit_change": Access(_ADMITTING, Action.CHANGE),
        "rules": Access(_ADMINISTERED, Action.READ),
        "rules_change": Access(_ADMITTING, Action.CHANGE),
        "proposal_preview": Access(_ADMITTING, Action.CHANGE),
        "channels": Access(_ADMINISTERED, Action.READ),
        "channel_add": Access(_ADMITTING, Action.CHANGE),
        "channel_change": Access(_ADMITTING, Action.CHANGE),
        "proposals": Access(_ADMINISTERED, Action.READ),
        "proposal": Access(_ADMINISTERED, Action.READ),
        "proposal_change": Access(_ADMITTING, Action.CHANGE),
        "people": Access(_ADMITTING, Action.READ),
        "people_change": Access(_ADMITTING, Action.CHANGE),
    }
)
"""Every route of the console by its name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the navigation: shown to whoever may use its route. `words` is its key in the catalogue."""

    route: str
    path: str
    words: str


SHEETS = "imports"
"""The one page that not every unit has something on."""
NAVIGATION: tuple[Entry, ...] = (
    Entry("today", "/today", "nav.today"),
    Entry("case_search", "/cases", "nav.cases"),
    Entry("handovers", "/handovers", "nav.handovers"),
    Entry("exchanges", "/exchanges", "nav.exchanges"),
    Entry(SHEETS, "/imports", "nav.imports"),
    Entry("notices", "/notices", "nav.notices"),
    Entry("library", "/library", "nav.library"),
    Entry("bulletins", "/bulletins", "nav.bulletins"),
    Entry("statistics", "/statistics", "nav.statistics"),
    Entry("campaigns", "/campaigns", "nav.campaigns"),
    Entry("streams", "/streams", "nav.streams"),
    Entry("dead_letters", "/dead-letters", "nav.dead_letters"),
    Entry("deliveries", "/deliveries", "nav.deliveries"),
    Entry("audit", "/audit", "nav.audit"),
    Entry("people", "/people", "nav.people"),
    Entry("units", "/units", "nav.units"),
    Entry("rules", "/rules", "nav.rules"),
    Entry("channels", "/channels", "nav.channels"),
    Entry("proposals", "/proposals", "nav.proposals"),
)
"""What stands at the top of every page, in order."""


def may(role: ConsoleRole, route: str) -> bool:
    """Whether people of this role may use the route. KeyError for a route that the table does not have."""
    roles = ACCESS[route].roles
    return roles is None or role in roles
