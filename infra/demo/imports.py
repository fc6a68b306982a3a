"""Sheets of the demonstration: what an environment branch keeps, checked and not said, with two rows to look at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from consumers.console.imports.taking import Brought
from infra.database import engine
from infra.dev.supervisor import Dev
from infra.importing import SheetDesk
from infra.settings import Settings
from schemas.units import Register

_UNIT, _PERSON = "by-env", "env"
_OPENED = "demo"
"""Stands for the time of the form: a second demonstration on the same database brings nothing twice."""
_SHEET = """\
案号,移送书文号,移送时间,受移送公安机关,涉嫌罪名,涉案金额(元),备注
白环立〔2026〕61号,白环移〔2026〕21号,2026-03-02,白云区公安分局,污染环境罪,1200000,
白环立〔2026〕62号,白环移〔2026〕22号,2026-03-09 15:20,白云区公安分局,污染环境罪,80000,当面移送
白环立〔2026〕63号,白环移〔2026〕23号,三月九日,白云区公安分局,污染环境罪,80000,
白环立〔2026〕64号,白环移〔2026〕24号,2026-03-11,市公安局,非法处置危险废物,80000,
"""


def bring_sheets(installation: Dev, *, now: datetime) -> None:
    """Brings them on a running installation, unless an earlier run did. Blocks."""
    connector = engine(installation.settings, pool=2)
    bring_to(connector, installation.register, installation.settings, now=now)
    connector.dispose()


def bring_to(connector: Engine, register: Register, settings: Settings, *, now: datetime) -> None:
    """The same on a database alone, if the register has the unit that keeps them."""
    if _UNIT not in register.by_code:
        return
    desk = SheetDesk(settings, register, connector, lambda: now)
    content = _SHEET.encode("gb18030")
    for name, check in (("三月移送台账.csv", False), ("三月移送台账（核对）.csv", True)):
        desk.take(
            _UNIT, Brought(_PERSON, _OPENED, name, content, form="transfer-sent", check=check, partial=check)
        )
