"""Bulletins of the demonstration: the last month and quarter as issued, a number that is contested, and a campaign."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine

from consumers.bulletins import campaigns, shelf
from consumers.bulletins.contests import contest
from consumers.bulletins.issuing import issue
from consumers.bulletins.periods import Stretch, period_at
from consumers.bulletins.sight import Sight
from infra.database import engine
from infra.demo.cast import HOME
from infra.dev.supervisor import Dev
from schemas.units import Register

_BY = "operator"
_UNIT, _PERSON = "by-env", "env"
_FIGURE = "transferred"
_CAMPAIGN = "行政执法机关移送涉嫌犯罪案件专项监督"
_GOAL = 120
_REASON = "本单位台账另有一件已移送，回执尚未录入，请核对。"


def show_bulletins(connector: Engine, topic: str, register: Register, *, now: datetime) -> None:
    """Issues them, if the register has the demonstration's units. Blocks until everything applied is counted."""
    if _UNIT not in register.by_code:
        return
    quarter, month = (period_at(one, now).before for one in (Stretch.QUARTER, Stretch.MONTH))
    issue(connector, topic, register, HOME, quarter, by=_BY, now=now)
    issued = issue(connector, topic, register, HOME, month, by=_BY, now=now)
    with connector.begin() as connection:
        campaigns.begin(connection, _plan(register, now), units_of(register), by=_BY, now=now)
        bulletin = shelf.one(connection, issued, Sight(None, whole=True))
        if bulletin is not None:
            contest(connection, bulletin, _FIGURE, _UNIT, _REASON, by=_PERSON, now=now)


def campaign_id(now: datetime) -> UUID:
    """The id of the campaign that is begun at `now`."""
    return campaigns.campaign_id(HOME, _BY, now, _CAMPAIGN)


def units_of(register: Register) -> list[str]:
    """The units of the demonstration's district."""
    return [unit.code for unit in register.units if unit.district == HOME]


def _plan(register: Register, now: datetime) -> campaigns.Plan:
    year = period_at(Stretch.YEAR, now)
    wanted = campaigns.Filter(campaigns.Aim.FIGURE, _FIGURE, year.first, year.last)
    return campaigns.Plan(_CAMPAIGN, None, HOME, _GOAL, wanted, tuple(units_of(register)))


def show_on(installation: Dev, *, now: datetime) -> None:
    """The same on a running installation."""
    connector = engine(installation.settings, pool=1)
    show_bulletins(connector, installation.settings.topics.case_events, installation.register, now=now)
    connector.dispose()
