"""What the doctor finds, and that each finding says what to do in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from consumers.monitoring.examining import (
    Level,
    clock_skew,
    group,
    guarded,
    ingress_key,
    readers,
    reconciled,
    work,
)
from consumers.monitoring.lag import State
from consumers.monitoring.standings import FeedStanding, Standings
from consumers.monitoring.watching import Look, PartitionLine
from infra.database import engine as make_engine
from tests.infra.ingress import new_ingress_key
from tests.infra.sealing import sealing_settings

NOW = datetime(2026, 11, 23, tzinfo=UTC)
WELL = Standings(NOW, {}, 0, 0.0, 0, (), 0, 0.0, {}, {})
LINE = PartitionLine("case-events", 0, 9, 9, 0, 0.0, 0.0, State.OK)


def levels(findings) -> list[Level]:
    found = list(findings)
    for one in found:
        assert (one.level is Level.OK) == (one.remedy == ("", "")), one
        assert re.search(r"[\u4e00-\u9fff]", one.check[0])
        assert one.check[1].isascii()
        assert one.found[1].isascii()
    return [one.level for one in found]


def test_where_all_is_well_nothing_is_to_be_done():
    assert set(levels([*readers(Look(WELL, (LINE,))), *work(WELL), clock_skew(NOW, NOW), group(1, "g")])) == {
        Level.OK
    }


@pytest.mark.parametrize(
    ("state", "level"),
    [(State.STALLED, Level.FAIL), (State.REWOUND, Level.FAIL), (State.FALLING_BEHIND, Level.WARN)],
)
def test_a_reader_that_does_not_keep_up_is_named(state, level):
    [found] = readers(Look(WELL, (LINE, replace(LINE, partition=3, lag=7, end=16, state=state))))
    assert levels([found]) == [level]
    assert "case-events/3" in found.found[1]


def test_a_position_beyond_the_end_of_a_topic_is_a_loss_and_not_to_be_reset():
    [found] = readers(Look(WELL, (replace(LINE, position=12),)))
    assert (found.level, "do not touch" in found.remedy[1]) == (Level.FAIL, True)


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({"outbox_seconds": 31.0}, Level.FAIL),
        ({"held_seconds": 6.0}, Level.FAIL),
        ({"set_aside": {("refused", "key"): 1}}, Level.WARN),
        ({"redriving": {"waiting": 2}}, Level.WARN),
        ({"feeds": (FeedStanding("by-env", 2000, 1, 0, None),)}, Level.WARN),
    ],
)
def test_what_stands_still_or_waits_for_a_person_is_found(change, level):
    assert sorted(set(levels(work(replace(WELL, **change))))) == sorted({Level.OK, level})


def test_a_clock_that_is_off_or_a_group_without_members_fails():
    assert levels([clock_skew(NOW, NOW + timedelta(seconds=3)), group(0, "g")]) == [Level.FAIL, Level.FAIL]


def test_a_check_that_cannot_be_made_is_a_finding_and_the_others_go_on():
    def broken():
        raise OSError("connection refused")

    [found] = guarded(("主题", "topics"), broken, ("检查 Kafka", "check Kafka"))
    assert levels([found]) == [Level.FAIL]
    assert "connection refused" in found.found[1]


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({"reconciled_at": NOW - timedelta(hours=1)}, Level.OK),
        ({"reconciled_at": NOW - timedelta(hours=4)}, Level.WARN),
        ({"reconciled_at": None}, Level.WARN),
        ({"reconciled_at": NOW, "differences": 2}, Level.FAIL),
    ],
)
def test_a_difference_is_a_failure_and_a_reconciliation_that_is_long_ago_a_warning(change, level):
    found = reconciled(replace(WELL, **change))
    assert levels([found]) == [level]
    assert level is not Level.FAIL or "linkage reconcile --last 1" in found.remedy[1]


@pytest.mark.postgres
def test_a_missing_ingress_key_and_one_that_should_be_renewed_are_told(database, tmp_path):
    settings = sealing_settings(database, tmp_path)
    connector = make_engine(settings, pool=1)

    def found(now):
        with connector.connect() as connection:
            return levels(ingress_key(settings, connection, now))

    assert found(NOW) == [Level.WARN]
    key = new_ingress_key(connector, NOW)
    assert found(key.renew_by - timedelta(seconds=1)) == [Level.OK]
    assert found(key.renew_by) == [Level.WARN]
    bare = settings.model_copy(update={"master_keys": None})
    with connector.connect() as connection:
        assert levels(ingress_key(bare, connection, NOW)) == []
    connector.dispose()
