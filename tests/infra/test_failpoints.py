"""A process ends at the named point and nowhere else."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import consumers
import producers
from infra.failpoints import FAILPOINTS, read_failpoint
from infra.settings import EXIT_BAD_SETTING

PASSES_THREE_TIMES = "from infra.failpoints import failpoint\nfor n in range(3): failpoint('relay-numbered'); print(n, flush=True)"


def run(failpoint=None):
    environment = {} if failpoint is None else {"LINKAGE_FAILPOINT": failpoint}
    return subprocess.run(
        [sys.executable, "-c", PASSES_THREE_TIMES],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("failpoint", "status", "printed"),
    [
        (None, 0, ["0", "1", "2"]),
        ("", 0, ["0", "1", "2"]),
        ("relay-published", 0, ["0", "1", "2"]),
        ("relay-numbered", -signal.SIGKILL, []),
        ("relay-numbered:1", -signal.SIGKILL, []),
        ("relay-numbered:3", -signal.SIGKILL, ["0", "1"]),
        ("relay-numbered:4", 0, ["0", "1", "2"]),
    ],
)
def test_the_process_ends_at_the_named_hit(failpoint, status, printed):
    done = run(failpoint)
    assert (done.returncode, done.stdout.split()) == (status, printed)


@pytest.mark.parametrize("text", ["nowhere", "relay-numbered:0", "relay-numbered:x", "relay-numbered:-1"])
def test_an_unknown_failpoint_stops_the_process_at_start_with_what_is_accepted(text):
    done = run(text)
    assert done.returncode == EXIT_BAD_SETTING
    assert done.stderr.startswith("LINKAGE_FAILPOINT: ")
    assert "relay-numbered" in done.stderr


def test_a_count_is_read():
    assert read_failpoint("relay-numbered:7") == ("relay-numbered", 7)


def test_every_listed_failpoint_stands_in_the_code_once_and_no_other():
    packages = (Path(package.__file__).parent for package in (consumers, producers))
    code = "".join(path.read_text() for package in packages for path in package.rglob("*.py"))
    assert Counter(re.findall(r'failpoint\("([^"]+)"\)', code)) == Counter(FAILPOINTS)
