"""What processes use, read from the operating system: CPU seconds and resident memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psutil

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds used so far by each group of processes, and by the whole machine."""

    seconds: Mapping[str, float]
    machine: float

    def since(self, before: Usage) -> Usage:
        """What was used between `before` and this."""
        used = {name: now - before.seconds[name] for name, now in self.seconds.items()}
        return Usage(used, self.machine - before.machine)


def read_usage(groups: Mapping[str, list[int]]) -> Usage:
    """CPU seconds of the process groups, children that live or have ended included."""
    busy = psutil.cpu_times()
    machine = busy.user + busy.system + busy.softirq + busy.irq + busy.steal
    return Usage({name: sum(map(_family_seconds, pids)) for name, pids in groups.items()}, machine)


def resident_mib(pid: int) -> float:
    """Resident memory of one process, in MiB."""
    return float(psutil.Process(pid).memory_info().rss) / MIB


def _family_seconds(pid: int) -> float:
    process = psutil.Process(pid)
    total = _seconds(process)
    for child in process.children(recursive=True):
        try:
            total += _seconds(child)
        except psutil.NoSuchProcess:  # ended meanwhile: the next reading finds it with its parent
            continue
    return total


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)
