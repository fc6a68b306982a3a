"""`linkage doctor`: everything at once, one line for each check, and what to do about what is wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from infra.settings import Settings, read_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from consumers.monitoring.examining import Finding
    from consumers.monitoring.watching import Look
    from consumers.rulebook import Rulebook

app = typer.Typer()

_LOOKS = 3
_MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}


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
    for finding in _findings(read_settings()):
        failed = failed or finding.level == "fail"
        if as_json:
            typer.echo(orjson.dumps(finding).decode())
            continue
        remedy = f"\n    → {finding.remedy[column]}" if finding.remedy[column] else ""
        mark = _MARKS[finding.level.value]
        typer.echo(f"{mark} {finding.check[column]}: {finding.found[column]}{remedy}")
    if failed:
        raise typer.Exit(1)


def _findings(settings: Settings) -> Iterator[Finding]:
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
    engine = make_engine(settings, pool=2)
    yield from examining.guarded(
        ("数据库", "database"),
        lambda: _database(settings, engine, rulebook),
        ("PostgreSQL 是否在运行？检查 LINKAGE_DATABASE", "does PostgreSQL run? check LINKAGE_DATABASE"),
    )
    yield from examining.guarded(("读取", "readers"), lambda: _standing(settings, engine, rulebook), kafka)
    engine.dispose()


def _group(settings: Settings) -> Finding:
    from consumers.monitoring.examining import group  # noqa: PLC0415 - as above
    from infra.kafka import admin_client  # noqa: PLC0415
    from schemas.topics import WORKER_GROUP  # noqa: PLC0415

    name = settings.namespace + WORKER_GROUP
    with admin_client(settings) as client:
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


def _standing(settings: Settings, engine: Engine, rulebook: Rulebook) -> Iterator[Finding]:
    from consumers.monitoring import examining  # noqa: PLC0415 - as above

    look = _looks(settings, engine, rulebook)
    yield from examining.readers(look)
    yield from examining.work(look.standings)
    yield examining.reconciled(look.standings)


def _looks(settings: Settings, engine: Engine, rulebook: Rulebook) -> Look:
    """Some seconds of looking: whether a reader moves can only be seen over time."""
    from consumers.monitoring.watching import LEAST_APART, Watch  # noqa: PLC0415 - as above

    watch = Watch(settings, rulebook.register, engine)
    try:
        for _ in range(_LOOKS - 1):
            watch.look()
            time.sleep(LEAST_APART.total_seconds())
        return watch.look()
    finally:
        watch.close()
