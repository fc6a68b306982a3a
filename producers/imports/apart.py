"""Reading an uploaded file in a process of its own: a hostile file ends that process and nothing else."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

from producers.imports.cells import Cell
from producers.imports.reading import Sheet, UnreadableError, read_sheet
from producers.imports.rows import Line

_SECONDS = 30
_MEMORY = 1024 * 1024 * 1024


def read_apart(content: bytes, *, name: str = "") -> Sheet:
    """As `read_sheet`, in a process of its own. Blocks, at most half a minute. Raises UnreadableError."""
    command = [sys.executable, "-m", __name__, name]
    try:
        done = subprocess.run(command, input=content, capture_output=True, check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise _exhausted() from None
    if done.returncode != 0:
        raise _exhausted()
    told = json.loads(done.stdout)
    if "zh" in told:
        raise UnreadableError(told["zh"], told["en"])
    lines = tuple(Line(number, tuple(_cell(one) for one in cells)) for number, cells in told["lines"])
    return Sheet(lines, frozenset((row, column) for row, column in told["uncalculated"]))


def main() -> None:
    """Reads the file on standard input and prints what stands in it, as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheet = read_sheet(sys.stdin.buffer.read(), name=sys.argv[1])
        told: dict[str, Any] = {
            "lines": [[line.number, [_told(cell) for cell in line.cells]] for line in sheet.lines],
            "uncalculated": sorted(sheet.uncalculated),
        }
    except UnreadableError as error:
        told = {"zh": error.zh, "en": error.en}
    sys.stdout.write(json.dumps(told))


def _told(cell: Cell) -> Any:
    match cell:
        case datetime() | date():
            when = cell if isinstance(cell, datetime) else datetime.combine(cell, time(0))
            return {"when": when.isoformat()}
        case time() | timedelta():
            return str(cell)
        case _:
            return cell


def _cell(told: Any) -> Cell:
    return datetime.fromisoformat(told["when"]) if isinstance(told, dict) else told


def _exhausted() -> UnreadableError:
    return UnreadableError(
        "文件无法在限定的内存和时间内读取：请在 Excel 或 WPS 中另存为 xlsx，只保留要导入的工作表",
        "the file cannot be read within the bounds of memory and time: save it anew as xlsx with this sheet only",
    )


if __name__ == "__main__":
    main()
