"""`linkage doctor` on a real installation: what is in order, what is not and what to do, and what it cannot reach."""

from __future__ import annotations

import pytest

from consumers.monitoring.examining import Level
from consumers.monitoring.watching import LEAST_APART
from infra.cli.doctor import findings
from infra.dev.process import free_port
from infra.kafka import apply_topics

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def examined(settings) -> tuple[dict[str, Level], dict[str, str], list[float]]:
    """Level and remedy of every finding by its English name, and how long it wanted to wait in between."""
    waited: list[float] = []
    found = list(findings(settings, waited.append))
    return {one.check[1]: one.level for one in found}, {one.check[1]: one.remedy[1] for one in found}, waited


def test_an_installation_without_workers_has_its_topics_and_database_in_order(settings, register):
    apply_topics(settings, register)
    levels, remedies, waited = examined(settings)
    assert {name for name, level in levels.items() if level is Level.FAIL} == {"workers"}
    assert remedies["workers"] == "start `linkage worker`"
    assert {levels[name] for name in ("topics", "database", "readers", "audit chain")} == {Level.OK}
    assert (
        remedies["personal data"] == "set LINKAGE_MASTER_KEYS and run `linkage vault new` (docs/sealing.md)"
    )
    assert waited == [LEAST_APART.total_seconds()] * 2


def test_topics_that_are_not_there_are_told_with_the_command_that_makes_them(settings):
    levels, remedies, _ = examined(settings)
    assert (levels["topics"], remedies["topics"]) == (Level.FAIL, "run `linkage topics apply`")
    assert levels["database"] is Level.OK


def test_without_a_broker_the_database_is_examined_all_the_same(settings):
    levels, remedies, _ = examined(settings.model_copy(update={"bootstrap": f"127.0.0.1:{free_port()}"}))
    assert levels["topics"] is Level.FAIL
    assert remedies["topics"] == "does Kafka run? check LINKAGE_BOOTSTRAP"
    assert {levels[name] for name in ("settings", "database", "audit chain")} == {Level.OK}


def test_without_a_database_the_broker_is_examined_all_the_same(settings, register):
    apply_topics(settings, register)
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    levels, remedies, _ = examined(settings.model_copy(update={"database": nowhere}))
    assert (levels["topics"], levels["database"]) == (Level.OK, Level.FAIL)
    assert remedies["database"] == "does PostgreSQL run? check LINKAGE_DATABASE"
    assert remedies["readers"] == "do both Kafka and PostgreSQL run? see the checks above"
