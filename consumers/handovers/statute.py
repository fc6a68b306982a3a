"""What a limit is: how much time which text gives for which duty, since when, in which field, how well verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from consumers.casefile import ClockKind
from consumers.handovers.duty import Duty, Only
from consumers.handovers.periods import Period
from consumers.sources import Mark
from schemas.spans import CHINA
from schemas.units import Role


@dataclass(frozen=True, slots=True)
class Statute:
    """One limit in one version. `period` None: only the letter itself sets one.

    `since` is the first day of starts it governs, `until` the first day of those it no longer does.
    `extensions` maps who approved a longer review to the total limit in days. `also` are codes of other
    texts that give the same limit. `announces` is said besides deadline.breached when a breach is flagged.
    """

    code: str
    version: str
    duty: Duty
    zh: str
    en: str
    period: Period | None
    source: str
    mark: Mark
    since: date
    until: date | None = None
    kind: ClockKind = ClockKind.DEADLINE
    fields: frozenset[str] = frozenset()  # 领域; empty: all
    economic: bool = False  # only for offences that the economic-crime limits cover
    only: Only = ()  # what the starting event must say
    if_said: tuple[str, Only] | None = None  # binds only once this was said of the running period
    profile: str | None = None  # off unless the office turns this on
    order_310: bool = False  # its 日 is an open point, see open_points
    office: bool = False  # the office's own target: no breach of law, told to the holder only
    watched: bool = False  # of an office target: once it is overdue, those who watch the duty are told too
    by_letter: bool = False  # a period set in the letter takes the place of `period`
    longest: Period | None = (
        None  # with lawful extensions that no event tells: nobody is certainly late before
    )
    extensions: tuple[tuple[str, int], ...] = ()
    also: tuple[str, ...] = ()
    breach: str = ""  # consequence, Chinese — English
    escalate_to: tuple[Role, ...] = ()
    announces: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """(code, version): names the row for good."""
        return (self.code, self.version)

    @property
    def on_request(self) -> bool:
        """Whether no event says that it began: it is counted when somebody asks, and no clock runs."""
        return not self.duty.starts

    @property
    def cited(self) -> str:
        """The source as recipients see it and as it is stored: the text and the mark."""
        return f"{self.source} [{self.mark}]"


def first_instant(day: date) -> datetime:
    """When `day` begins in China, in UTC."""
    return datetime.combine(day, time(), CHINA).astimezone(UTC)
