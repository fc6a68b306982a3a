"""`linkage dev` starts everything, keeps what it should, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest
from typer.main import get_command

from infra.cli import app
from infra.dev.addresses import as_environment, read_addresses
from infra.dev.process import die_with_parent
from infra.dev.supervisor import Dev, DevOptions
from infra.settings import Settings

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

MIB = 1024 * 1024
PARTS = ["broker", "postgres", "worker", "relay", "clock", "gateway", "console"]


def as_in_a_terminal():
    """Ctrl-C counts, though tests that run in the background of a shell inherit that it is ignored."""
    dies = die_with_parent(signal.SIGKILL)

    def prologue():
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        dies()

    return prologue


class Command:
    """`linkage dev --data FOLDER` as a user starts it."""

    def __init__(self, folder):
        self.folder = folder
        self.output = folder.with_suffix(".out")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LINKAGE_")}
        began = time.monotonic()
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "infra.cli", "dev", "--data", str(folder)],
                env=inherited,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=as_in_a_terminal(),  # noqa: PLW1509 - see die_with_parent
            )
        until(
            lambda: self.process.poll() is not None or "Ctrl-C stops everything" in self.output.read_text(),
            60,
        )
        self.seconds = time.monotonic() - began
        assert self.process.poll() is None, self.output.read_text()
        self.addresses = read_addresses(folder)
        self.family = [psutil.Process(pid) for pid in self.addresses["pids"].values()]

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(30)

    def left_over(self):
        _, alive = psutil.wait_procs(self.family, timeout=10)
        return [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]

    def get(self, unit, path):
        key = self.addresses["units"][unit]["key"]
        return httpx.get(f"{self.addresses['gateway']}{path}", headers={"Authorization": f"Bearer {key}"})

    def say(self, unit, event):
        key = self.addresses["units"][unit]["key"]
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.post(f"{self.addresses['gateway']}/v1/events", headers=headers, json=event)


@pytest.fixture
def start(session_folder, namespace):
    """Starts `linkage dev` on one folder, as often as a test likes; all are ended afterwards."""
    started = []

    def begin():
        started.append(Command(session_folder / f"{namespace}dev"))
        return started[-1]

    yield begin
    for command in started:
        command.end()


@pytest.fixture(scope="module")
def running(session_folder):
    """One `linkage dev` for the tests that only look at it."""
    command = Command(session_folder / "dev")
    yield command
    command.end()


def until(true, seconds):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def test_everything_is_up_in_15_seconds(running):
    """On a machine that has nothing else to do; on a busy one, in as many times more."""
    assert list(running.addresses["pids"]) == PARTS
    assert running.seconds < 15 * max(1.0, os.getloadavg()[0] / os.cpu_count())


def test_it_does_its_job(running):
    event = json.loads((running.folder / "event.json").read_text())
    assert running.say("by-env", event).status_code == 201
    until(lambda: running.get(event["data"]["addressee"], "/v1/feeds/me?after=0").json()["items"], 20)


def test_every_command_that_the_user_is_told_to_try_exists(running):
    told = re.findall(r"^  linkage (\S+)", running.output.read_text(), flags=re.MULTILINE)
    assert len(told) > 2
    assert set(told) <= set(get_command(app).commands)


def test_it_takes_less_than_1200_mib_of_memory(running):
    """Shared buffers are counted once for each of PostgreSQL's processes that maps them."""
    everyone = [one for each in running.family for one in (each, *each.children(recursive=True))]
    assert sum(process.memory_info().rss for process in everyone) < 1200 * MIB


def test_the_keys_are_for_the_owner_only(running):
    assert (running.folder / "dev.json").stat().st_mode & 0o077 == 0


def test_two_on_one_folder_are_refused(running):
    command = [sys.executable, "-m", "infra.cli", "dev", "--data", running.folder]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"another `linkage dev` is running in {running.folder}" in second.stderr
    assert running.process.poll() is None


def test_the_data_and_the_keys_outlive_a_restart(start):
    first = start()
    event = json.loads((first.folder / "event.json").read_text())
    receiver = event["data"]["addressee"]
    assert first.say("by-env", event).status_code == 201
    until(lambda: first.get(receiver, "/v1/feeds/me?after=0").json()["items"], 20)
    assert first.end(signal.SIGTERM) == 0
    assert first.left_over() == []

    second = start()
    assert second.addresses["units"] == first.addresses["units"]
    assert second.get(receiver, "/v1/feeds/me?after=0").json()["items"]
    assert second.end(signal.SIGINT) == 0


def test_a_part_that_dies_stops_the_rest_with_one_sentence_and_its_log(start):
    command = start()
    os.kill(command.addresses["pids"]["relay"], signal.SIGKILL)
    assert command.process.wait(30) == 1
    assert command.left_over() == []
    told = command.output.read_text().split("Ctrl-C stops everything.")[1].strip()
    assert told.startswith(f"linkage: `linkage relay` was ended by SIGKILL; its log {command.folder}")
    assert "Traceback" not in told


def test_a_killed_dev_leaves_nothing_running(start):
    command = start()
    command.process.kill()
    assert command.left_over() == []


def test_parts_can_be_killed_and_restarted_from_a_program(session_folder, namespace):
    with Dev(session_folder / f"{namespace}dev", DevOptions(workers=2)) as dev:
        assert list(dev.parts) == ["broker", "postgres", "worker", "worker-2", "relay", "clock", "gateway"]
        for name in ("worker-2", "postgres", "broker"):
            dev.kill(name)
            assert not dev.parts[name].child.alive
            dev.restart(name)
            assert dev.parts[name].child.alive
        dev.restart("clock", {"LINKAGE_FAILPOINT": "clock-before-commit:1000000"})
        environment = Path(f"/proc/{dev.parts['clock'].child.pid}/environ").read_bytes()
        assert b"LINKAGE_FAILPOINT=clock-before-commit:1000000" in environment.split(b"\0")
    assert not any(part.child.alive for part in dev.parts.values())


def test_servers_of_ones_own_are_used_instead(session_folder, namespace, kafka, database):
    options = DevOptions(kafka, database, Settings(namespace=namespace, partitions=2))
    with Dev(session_folder / f"{namespace}dev", options) as dev:
        assert list(dev.parts) == ["worker", "relay", "clock", "gateway"]
        assert (dev.settings.bootstrap, dev.settings.database) == (kafka, database)
        assert httpx.get(f"{dev.gateway}/health").status_code == 200


@pytest.mark.parametrize(
    "settings",
    [Settings(), Settings(profiles=frozenset({"a", "b"}), settling_seconds=1.5, holidays=Path("/h.toml"))],
)
def test_settings_reach_the_processes_as_they_are(settings, monkeypatch):
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings
