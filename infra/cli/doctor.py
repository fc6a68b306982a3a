"""`linkage doctor`: everything at once, one line for each check, and what to do about what is wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.settings import Settings, read_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from consumers.monitoring.examining import Finding
    from consumers.rulebook import Rulebook

app = typer.Typer()

_LOOKS = 3
_MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}

Pause = Callable[[float], object]
"""Lets as many seconds pass."""


class Language(StrEnum):
    """Languages of the report."""

    ZH = "zh"
    EN = "en"


@app.command()
def doctor(
    lang: Annotated[Language, typer.Option("--lang", help="zh or en.")] = Language.ZH,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """Check settings, broker, database and how everything stands; exit status 1 if something does not work."""
    import orjson  # noqa: PLC0415 - keeps `linkage --help` quick

    column = list(Language).index(lang)
    failed = False
    for finding in findings(read_settings(), threading.Event().wait):
        failed = failed or finding.level == "fail"
        if as_json:
            typer.echo(orjson.dumps(finding).decode())
            continue
        remedy = f"\n    → {finding.remedy[column]}" if finding.remedy[column] else ""
        mark = _MARKS[finding.level.value]
        typer.echo(f"{mark} {finding.check[column]}: {finding.found[column]}{remedy}")
    if failed:
        raise typer.Exit(1)


def findings(settings: Settings, pause: Pause) -> Iterator[Finding]:
    """What an examination finds, in order; `pause` lets some seconds pass between two looks at the readers. Blocks."""
    from consumers.monitoring import examining  # noqa: PLC0415 - as above
    from infra.database import engine as make_engine  # noqa: PLC0415
    from infra.rules import read_rulebook  # noqa: PLC0415

    rulebook = read_rulebook(settings)
    units = len(rulebook.register.units)
    yield examining.Finding(
        ("设置", "settings"), examining.Level.OK, (f"可用，{units} 个单位", f"accepted, {units} units")
    )
    kafka = ("Kafka 是否在运行？检查 LINKAGE_BOOTSTRAP", "does Kafka run? check LINKAGE_BOOTSTRAP")
    yield from examining.guarded(("主题", "topics"), lambda: examining.topics(settings, rulebook), kafka)
    yield from examining.guarded(("工作进程", "workers"), lambda: _group(settings), kafka)
    either = (
        "Kafka 和 PostgreSQL 是否都在运行？见上面各项",
        "do both Kafka and PostgreSQL run? see the checks above",
    )
    engine = make_engine(settings, pool=2)
    yield from examining.guarded(
        ("数据库", "database"),
        lambda: _database(settings, engine, rulebook),
        ("PostgreSQL 是否在运行？检查 LINKAGE_DATABASE", "does PostgreSQL run? check LINKAGE_DATABASE"),
    )
    yield from examining.guarded(
        ("读取", "readers"), lambda: _standing(settings, engine, rulebook, pause), either
    )
    engine.dispose()


def _group(settings: Settings) -> Finding:
    from kafka.errors import CoordinatorNotAvailableError  # noqa: PLC0415 - as above

    from consumers.monitoring.examining import group  # noqa: PLC0415
    from infra.kafka import admin_client  # noqa: PLC0415
    from schemas.topics import WORKER_GROUP  # noqa: PLC0415

    name = settings.namespace + WORKER_GROUP
    described: Any = {}
    with admin_client(settings) as client, suppress(CoordinatorNotAvailableError):  # nobody ever read there
        described = client.describe_groups([name])
    return group(len(described[name]["members"]) if name in described else 0, name)


def _database(settings: Settings, engine: Engine, rulebook: Rulebook) -> Iterator[Finding]:
    from sqlalchemy import text  # noqa: PLC0415 - as above

    from consumers.monitoring import examining  # noqa: PLC0415
    from infra.database import require_head, revisions  # noqa: PLC0415

    require_head(engine)
    present, _ = revisions(engine)
    yield examining.Finding(
        ("数据库", "database"), examining.Level.OK, (f"表结构 {present}", f"at schema {present}")
    )
    with engine.connect() as connection:
        there = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        yield examining.clock_skew(there, datetime.now(UTC))
        yield examining.sealing(settings, connection)
        yield from examining.ingress_key(settings, connection, datetime.now(UTC))
        yield examining.chain_heads(connection, settings.topics.case_events)
    yield examining.silence(engine, rulebook, datetime.now(UTC))


def _standing(settings: Settings, engine: Engine, rulebook: Rulebook, pause: Pause) -> Iterator[Finding]:
    from consumers.monitoring import examining  # noqa: PLC0415 - as above
    from consumers.monitoring.watching import Watch  # noqa: PLC0415

    with closing(Watch(settings, rulebook.register, engine)) as watch:
        look = watch.look_over_time(_LOOKS, pause)
    yield from examining.readers(look)
    yield from examining.work(look.standings)
    yield examining.reconciled(look.standings)
