"""What administrators of the demonstration have under way: channels, and what waits for a second person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Connection, Engine

from consumers.administration.proposals import Asked, Kind, propose
from consumers.console.words import Language
from consumers.notifying.channels import add, queue_test
from consumers.notifying.rules import Channel, ChannelKind, Topic
from infra.audit import Actor
from infra.database import engine
from infra.demo.redrives import propose_release
from infra.dev.supervisor import Dev
from infra.rule_previews import preview
from infra.rule_proposals import profiles_body
from infra.settings import Settings
from schemas.units import Register

_BY = Actor("security")
_UNIT = "by-market"
_PROFILE = "spp21-08"
_EARLIER = timedelta(days=2)
"""Channels are so old, so that what the published cases and those of these days have overdue is told on them."""


@dataclass(frozen=True, slots=True)
class _Told:
    """One channel: what it is called, whose matters it tells, which, and for how long it collects."""

    name: str
    unit: str | None
    topics: frozenset[Topic]
    digest: timedelta
    quiet: bool


_CHANNELS = (
    _Told("运维值班群", None, frozenset(Topic), timedelta(), quiet=False),
    _Told(
        "公安分局法制部门工作群",
        "by-police",
        frozenset({Topic.OVERDUE, Topic.SOON}),
        timedelta(hours=1),
        quiet=True,
    ),
)


def administer(
    connector: Engine, settings: Settings, register: Register, console: str, *, now: datetime
) -> None:
    """Makes them on a database, if the register has the demonstration's units. Blocks while a preview is computed.

    `console` is the address that links in messages lead to. A second time it changes nothing.
    """
    if _UNIT not in register.by_code:
        return
    with connector.begin() as connection:
        for told in _CHANNELS:
            _open(connection, told, console, now)
        propose_release(connection, settings, register, now=now)
        proposed = [
            propose(connection, _BY, asked, needs_approval=True, now=now) for asked in _proposals(settings)
        ]
    for one in proposed:
        if one.kind is Kind.PROFILES and one.preview is None:
            preview(connector, settings, one.id, now=now)


def administer_on(installation: Dev, *, now: datetime) -> None:
    """The same on a running installation."""
    connector = engine(installation.settings, pool=1)
    administer(connector, installation.settings, installation.register, installation.console, now=now)
    connector.dispose()


def proposal_id(kind: Kind) -> UUID:
    """The id of the demonstration's proposal of this kind."""
    return uuid5(NAMESPACE_URL, f"linkage-demo/proposal/{kind}")


def _open(connection: Connection, told: _Told, console: str, now: datetime) -> None:
    channel = Channel(
        uuid5(NAMESPACE_URL, f"linkage-demo/channel/{told.name}"),
        told.name,
        ChannelKind.ROBOT,
        f"demo-{told.unit or 'operators'}",
        "",
        told.unit,
        told.topics,
        Language.ZH.value,
        told.quiet,
        told.digest,
        active=True,
        created_by=_BY.name,
        created_at=now - _EARLIER,
    )
    if add(connection, _BY, channel):
        queue_test(connection, _BY, channel, console, now=now)


def _proposals(settings: Settings) -> Sequence[Asked]:
    wanted: Mapping[Kind, tuple[str, str, Mapping[str, Any]]] = {
        Kind.SUSPEND: (_UNIT, "接口密钥疑似外泄，核查期间暂停其接入。", {}),
        Kind.PROFILES: (
            "",
            "拟启用检察意见与不起诉决定同步提出的时限，请复核。",
            profiles_body(settings, settings.profiles ^ {_PROFILE}),
        ),
    }
    return [
        Asked(proposal_id(kind), kind, subject, reason, body)
        for kind, (subject, reason, body) in wanted.items()
    ]
