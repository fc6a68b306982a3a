"""A child process never outlives its parent, and its end is explained."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.dev.process import Child, DevError, free_port, is_free

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]
PARENT = """
import sys, time
from pathlib import Path
from infra.dev.process import Child
child = Child("sleeper", ["sleep", "60"], Path(sys.argv[1]))
child.start()
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def child(tmp_path):
    made = []

    def make(command):
        made.append(Child("the sleeper", command, tmp_path / "child.log"))
        return made[-1]

    yield make
    for one in made:
        one.kill()


def started(child):
    child.start()
    child.wait_until(lambda: "up" in child.log.read_text(), 10)
    return child


def gone(pid, seconds=5.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def test_a_child_is_stopped_by_its_stop_signal(child):
    running = started(child(SLEEPER))
    running.stop()
    assert not running.alive
    assert "was ended by SIGTERM" in running.obituary()


def test_a_child_that_does_not_listen_is_killed(child):
    running = started(child(STUBBORN))
    running.stop(seconds=0.2)
    assert "was ended by SIGKILL" in running.obituary()


def test_stopping_and_killing_twice_is_no_error(child):
    running = started(child(SLEEPER))
    for _ in range(2):
        running.kill()
        running.stop()
    assert not running.alive


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_a_killed_parent_leaves_no_child_behind(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path / "log"], stdout=subprocess.PIPE, text=True
    ) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    assert gone(pid)


def test_ctrl_c_in_the_terminal_does_not_reach_the_child(child):
    running = started(child(SLEEPER))
    assert os.getpgid(running.pid) != os.getpgid(0)


def test_a_child_that_ends_early_is_an_error_that_quotes_its_log(child):
    failing = child([sys.executable, "-c", "print('port taken'); raise SystemExit(3)"])
    failing.start()
    with pytest.raises(
        DevError, match=r"(?s)the sleeper ended with exit code 3; its log .*child\.log ends: .*port taken"
    ):
        failing.wait_until(lambda: False, 10)


def test_a_child_that_is_never_ready_is_an_error(child):
    running = started(child(SLEEPER))
    with pytest.raises(DevError, match=r"the sleeper was not ready within 0\.1 s"):
        running.wait_until(lambda: False, 0.1)


def test_a_program_that_is_missing_is_an_error(child):
    with pytest.raises(DevError, match="the sleeper cannot be started"):
        child(["/nowhere/at/all"]).start()


def test_a_free_port_lies_below_the_ports_of_outgoing_connections():
    """Otherwise a client that reconnects to a stopped server could take the server's own port."""
    first, *_ = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    assert all(free_port() < int(first) for _ in range(50))


def test_a_port_that_is_listened_on_is_not_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not is_free(server.getsockname()[1])


def test_signals_keep_their_names(child):
    running = started(child(SLEEPER))
    os.kill(running.pid, signal.SIGUSR1)
    with pytest.raises(DevError, match="was ended by SIGUSR1"):
        running.wait_until(lambda: False, 5)


def test_two_processes_are_never_given_the_same_port(monkeypatch):
    """Both could find it free, since some seconds pass until what it is for listens on it."""
    port = free_port()
    only = f"import infra.dev.process as process; process._PORTS = [{port}, {port}]; process.free_port()"
    other = subprocess.Popen([sys.executable, "-c", only])
    with pytest.raises(subprocess.TimeoutExpired):
        other.wait(timeout=2)  # it goes on looking
    other.kill()
    other.wait()
    monkeypatch.setattr("infra.dev.process._PORTS", [port])
    assert free_port() == port
