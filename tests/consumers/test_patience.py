"""What waits for better times, what ends the process, and with which status."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from kafka.errors import KafkaConnectionError
from sqlalchemy.exc import OperationalError

from consumers.patience import EXIT_LOG_LOST, EXIT_STALLED, until_done
from infra.batches import NotDelivered
from infra.positions import LostGuard
from infra.rereading import RangeUnread

AWAY = OperationalError("SELECT 1", {}, psycopg.OperationalError("the server is away"))


def attempts(*outcomes: BaseException | None) -> tuple[list[int], object]:
    """Work that raises what it is told to, one outcome for each attempt."""
    made: list[int] = []

    async def work() -> None:
        made.append(len(made))
        outcome = outcomes[len(made) - 1]
        if outcome is not None:
            raise outcome

    return made, work


@pytest.mark.parametrize(
    "error",
    [
        AWAY,
        psycopg.OperationalError("the server is away"),
        psycopg.errors.AdminShutdown("terminating connection"),
        psycopg.errors.DeadlockDetected("deadlock"),
        LostGuard("another worker was quicker"),
        RangeUnread("the broker gave nothing"),
        NotDelivered("no acknowledgement"),
        KafkaConnectionError(),
        ConnectionResetError(),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_may_pass_is_tried_again(error):
    made, work = attempts(error, error, None)
    asyncio.run(until_done(work, what="a batch", give_up_after=30))
    assert len(made) == 3


@pytest.mark.parametrize(
    "error", [ValueError("a rule is wrong"), psycopg.DataError("no such date"), KeyError("x")]
)
def test_what_nobody_foresaw_is_not_tried_again(error):
    made, work = attempts(error)
    with pytest.raises(type(error)):
        asyncio.run(until_done(work, what="a batch", give_up_after=30))
    assert len(made) == 1


def test_a_cancelled_piece_of_work_stays_cancelled():
    made, work = attempts(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(until_done(work, what="a batch", give_up_after=30))
    assert len(made) == 1


PROGRAM = """
import asyncio
from consumers.patience import until_done
from infra.rereading import LogLost, RangeUnread

async def work():
    raise {error}("it is gone")

asyncio.run(until_done(work, what="a batch", give_up_after=0.5))
"""


@pytest.mark.parametrize(("error", "status"), [("RangeUnread", EXIT_STALLED), ("LogLost", EXIT_LOG_LOST)])
def test_the_process_ends_when_waiting_makes_no_sense(error, status):
    """A supervisor restarts the stalled one; a lost log needs a person."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(error=error)],
        cwd=Path(__file__).parents[2],
        timeout=30,
        capture_output=True,
        check=False,
    )
    assert done.returncode == status, done.stderr.decode()
    assert b"it is gone" in done.stdout + done.stderr
