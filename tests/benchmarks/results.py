"""The figures of every run: one JSON line each, and the tables that `report` makes of them."""

from __future__ import annotations

import json
import os
import platform
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import psutil

FILE = Path(os.environ.get("BENCHMARK_RESULTS", ".cache/benchmarks.jsonl"))
"""Where results are kept; results of earlier runs stay."""


def record(kind: str, figures: dict[str, Any]) -> None:
    """Keep one run's figures and show them."""
    row = {"kind": kind, "at": datetime.now(UTC).isoformat(timespec="seconds"), **figures}
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with FILE.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    print(kind, json.dumps({name: _short(value) for name, value in figures.items()}))


def report() -> str:
    """The medians of all runs in the file, as a Markdown page with a description of the machine."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in FILE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row.pop("kind")].append(row)
    lines = [machine(), ""]
    for kind, runs in rows.items():
        lines += [
            f"## {kind} ({len(runs)} runs)",
            "",
            "| figure | median | least | most |",
            "|---|---|---|---|",
        ]
        lines += [f"| {name} | {_cells(values)} |" for name, values in _columns(runs)]
        lines.append("")
    return "\n".join(lines)


def machine() -> str:
    """The machine in general terms."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def _columns(runs: list[dict[str, Any]]) -> Iterator[tuple[str, list[float]]]:
    for name, value in runs[-1].items():
        if isinstance(value, int | float):
            yield name, [run[name] for run in runs if name in run]


def _cells(values: list[float]) -> str:
    return " | ".join(f"{value:,.1f}" for value in (median(values), min(values), max(values)))


def _short(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value
