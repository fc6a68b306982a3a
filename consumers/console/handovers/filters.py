"""Which clocks the board shows, as its address tells it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from schemas.spans import CHINA


class Shown(StrEnum):
    """The parts of the board."""

    OPEN = "open"  # runs, or was missed and is still to be done
    OVERDUE = "overdue"  # missed and still to be done
    HISTORY = "history"  # missed, whether done since or not, and flags that were taken back
    ALL = "all"


class Whose(StrEnum):
    """Whose duties a unit's people look at."""

    OURS = "ours"  # what their unit must do
    SEEN = "seen"  # also what others must do towards it


class Order(StrEnum):
    """In which order."""

    SOONEST = "soonest"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class After:
    """The last clock of the page before: the next one begins behind it. `due` None: among those without due time."""

    due: datetime | None
    clock: UUID

    def __str__(self) -> str:
        due = "" if self.due is None else self.due.isoformat()
        return f"{due}~{self.clock}"


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show. Empty: no restriction."""

    shown: Shown = Shown.OPEN
    whose: Whose = Whose.OURS
    order: Order = Order.SOONEST
    unit: str = ""
    rule: str = ""
    field: str = ""
    due: date | None = None
    after: After | None = None

    def told(self) -> dict[str, str]:
        """As parameters of an address, without what is as it would be anyway and without the page."""
        plain = Filter()
        names = [one.name for one in fields(self) if one.name != "after"]
        return {
            name: str(getattr(self, name)) for name in names if getattr(self, name) != getattr(plain, name)
        }


def parse_after(text: str) -> After | None:
    """The place that an address names. Raises ValueError for what is none."""
    if not text:
        return None
    due, _, clock = text.partition("~")
    at = datetime.fromisoformat(due) if due else None
    if at is not None and at.tzinfo is None:
        raise ValueError(f"{text!r}: a time without its zone")
    return After(at, UUID(clock))


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """When a day begins in China, and when the next one does."""
    begin = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    return begin, begin + timedelta(days=1)
