"""The watchdog ends a worker that has work and does nothing, and leaves every other alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra.watchdog import EXIT_SILENT, Watchdog, named

LOG = ("case-events", 0)
OTHER = ("case-events", 1)
PATIENCE = 60.0


def silent_at(looks: list[tuple[float, dict, dict]]) -> list[float]:
    """The times of the looks at which some partition was silent."""
    dog = Watchdog(PATIENCE)
    return [at for at, ends, positions in looks if dog.observe(ends, positions, at)]


def test_a_worker_without_work_is_never_silent():
    assert silent_at([(at, {LOG: 10}, {LOG: 10}) for at in range(0, 1000, 10)]) == []


def test_work_that_does_not_move_for_longer_than_the_patience_is_silence():
    looks = [(at, {LOG: 10}, {LOG: 5}) for at in range(0, 91, 10)]
    assert silent_at(looks) == [70, 80, 90]


def test_more_work_at_an_unmoved_position_is_silence_all_the_same():
    assert silent_at([(at, {LOG: 10 + at}, {LOG: 5}) for at in range(0, 71, 10)]) == [70]


def test_a_worker_that_lags_but_moves_is_not_silent():
    assert silent_at([(at, {LOG: 10_000}, {LOG: at // 50}) for at in range(0, 1000, 10)]) == []


def test_a_partition_that_nobody_has_read_stands_at_zero():
    assert silent_at([(0, {LOG: 1}, {}), (61, {LOG: 1}, {})]) == [61]


def test_the_patience_begins_anew_when_the_partition_has_caught_up():
    looks = [
        (0, {LOG: 5}, {LOG: 4}),
        (30, {LOG: 5}, {LOG: 5}),
        (50, {LOG: 6}, {LOG: 5}),
        (100, {LOG: 6}, {LOG: 5}),
    ]
    assert silent_at(looks) == []
    assert silent_at([*looks, (111, {LOG: 6}, {LOG: 5})]) == [111]


def test_the_patience_begins_anew_when_the_partition_was_somebody_elses_meanwhile():
    looks = [(0, {LOG: 5}, {LOG: 4}), (30, {OTHER: 5}, {OTHER: 5}), (65, {LOG: 5}, {LOG: 4})]
    assert silent_at(looks) == []


def test_the_silent_partition_is_named_among_those_that_work():
    dog = Watchdog(PATIENCE)
    dog.observe({LOG: 5, OTHER: 5}, {LOG: 1, OTHER: 1}, 0)
    assert dog.observe({LOG: 5, OTHER: 9}, {LOG: 1, OTHER: 5}, 61) == [LOG]


PROGRAM = """
import time
from infra import watchdog
from infra.log import configure_logging
from infra.settings import Settings

def ends():
    {ends}

configure_logging("worker")
watchdog.start(Settings(stall_seconds={stall}), ends, lambda: {{("log", 0): 0}}, lambda *_: {record})
time.sleep({life})
"""


def ran(**program):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(stall=0.5, **program)],
        cwd=Path(__file__).parents[2],
        timeout=25,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("ends", "record", "life", "status"),
    [
        pytest.param("return {('log', 0): 1}", True, 30, EXIT_SILENT, id="silent"),
        pytest.param("return {('log', 0): 1}", False, 3, 0, id="only-a-marker"),
        pytest.param("return {('log', 0): 0}", True, 3, 0, id="idle"),
        pytest.param("raise OSError('the broker is away')", True, 3, 0, id="cannot-look"),
    ],
)
def test_the_process_ends_only_in_silence(ends, record, life, status):
    """A look that fails says nothing about the worker: what waits for the broker has a limit of its own.

    Nor does an end of the log that lies behind the marker of a unit's transaction.
    """
    done = ran(ends=ends, record=record, life=life)
    assert done.returncode == status, done.stderr


def test_the_last_words_name_the_silent_partitions():
    """The log shows no lists, so they must be said as plain text."""
    last = json.loads(ran(ends="return {('log', 0): 1}", record=True, life=30).stderr.splitlines()[-1])
    assert (last["event"], last["partitions"]) == ("silent", "log/0")


def test_many_silent_partitions_are_named_shortly():
    assert named([LOG, OTHER]) == "case-events/0, case-events/1"
    many = named(("case-events", number) for number in range(100))
    assert many.startswith("case-events/0, case-events/1, ")
    assert many.endswith("…")
    assert len(many) == 200
