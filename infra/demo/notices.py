"""Notices of the demonstration: a few to several kinds of unit, one withdrawn, some of them read by somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from consumers.console.notices.addressing import Kind
from consumers.console.notices.board import Draft, publish, sign, withdraw
from infra.database import engine
from infra.dev.supervisor import Dev
from schemas.units import Register, Role

_OPENED = "demo"
"""Stands for the time of the form: a second demonstration on the same database publishes nothing twice."""
_UNIT = "by-criminal"


@dataclass(frozen=True, slots=True)
class _Told:
    """One notice: how many days ago, to which kinds of unit, and which people of which unit have read it."""

    kind: Kind
    title: str
    body: str
    days: int
    roles: tuple[Role, ...]
    read: tuple[tuple[str, str], ...] = ()
    withdrawn: str = ""


_TOLD = (
    _Told(
        Kind.NOTICE,
        "关于移送案件同步抄送检察机关的通知",
        "各行政执法机关：\n移送涉嫌犯罪案件时，请同时将移送书及材料目录报送同级检察机关备案。\n"
        "移送后三日内未收到回执的，请通过本系统反映移送障碍。",
        6,
        (Role.AGENCY, Role.POLICE),
        (("police", "by-police"), ("env", "by-env")),
    ),
    _Told(
        Kind.BULLETIN,
        "本季度行刑衔接工作情况通报",
        "本季度立案审查按期率较上季度提高。移送材料不全仍是补正的主要原因，请各单位对照文书目录逐项核对。",
        3,
        (Role.AGENCY, Role.POLICE, Role.PUBLIC_INTEREST, Role.ADMINISTRATIVE),
        (("pil", "by-pil"),),
    ),
    _Told(
        Kind.TRAINING,
        "环境领域证据规格培训",
        "下周三下午举办环境领域证据规格培训，请生态环境、水务等单位派员参加。",
        1,
        (Role.AGENCY, Role.POLICE),
    ),
    _Told(
        Kind.TRAINING,
        "环境领域证据规格培训（时间有误）",
        "本周三下午举办环境领域证据规格培训。",
        2,
        (Role.AGENCY,),
        (("env", "by-env"),),
        withdrawn="时间有误，已另行通知。",
    ),
)


def pin_notices(installation: Dev, *, now: datetime) -> None:
    """Publishes them on a running installation, unless an earlier run did."""
    connector = engine(installation.settings, pool=1)
    with connector.begin() as connection:
        pin_on(connection, installation.register, now=now)
    connector.dispose()


def pin_on(connection: Connection, register: Register, *, now: datetime) -> None:
    """The same on a database alone, if the register has the department that publishes them. The caller commits."""
    if _UNIT not in register.by_code:
        return
    for told in _TOLD:
        at = now - timedelta(days=told.days)
        roles = tuple(role.value for role in told.roles)
        draft = Draft(told.kind, told.title, told.body, "criminal", _UNIT, (), roles, _OPENED)
        notice = publish(connection, None, draft, (), now=at)
        for hours, (user, unit) in enumerate(told.read, start=1):
            sign(connection, notice, user=user, unit=unit, now=at + timedelta(hours=hours))
        if told.withdrawn:
            moment = at + timedelta(hours=5)
            withdraw(connection, notice, by="criminal", reason=told.withdrawn, now=moment)
