"""`make fuzz`: coverage-guided fuzzing of what takes bytes, then of the gateway by its document, with counts."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from infra.dev.supervisor import Dev, DevOptions
from infra.settings import Settings
from tests.fuzz.asking import ask_everything
from tests.fuzz.targets import TARGETS, Target

_MEMORY_MB = 1024
_INPUT_SECONDS = 10
_EXAMPLES_A_SECOND = 0.1
"""Of each operation, each way: about what makes the gateway's part as long as one target's."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one part of a run came to."""

    name: str
    inputs: int
    seconds: float
    told: str
    finding: str = ""


def main() -> None:
    """Run everything and print the report; exit status 1 if something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--only", choices=[*TARGETS, "gateway"], help="one target")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="linkage-fuzz-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs under another account, which has to pass through
    results = [
        _guided(target, folder / name, asked.seconds)
        for name, target in TARGETS.items()
        if asked.only in (None, name)
    ]
    if asked.only in (None, "gateway"):
        results.append(_gateway(folder / "gateway", asked.seconds))
    print("| way in | inputs | seconds | outcomes |\n|---|---|---|---|")
    for one in results:
        print(f"| {one.name} | {one.inputs:,} | {one.seconds:.0f} | {one.told} |")
    findings = [one for one in results if one.finding]
    for one in findings:
        print(f"\n{one.name}: {one.finding}")
    sys.exit(bool(findings))


def _guided(target: Target, folder: Path, seconds: int) -> Result:
    """Until the time is over; input that its own process is there to bear does not end the search."""
    folder.mkdir(parents=True)
    begun = time.monotonic()
    inputs, apart, finding = 0, 0, ""
    told: Counter[str] = Counter()
    while not finding and (left := int(begun + seconds - time.monotonic())) > 0:
        done = _searched(target.name, folder, left)
        runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
        inputs += int(runs[1]) if runs else 0
        outcomes = folder / "outcomes.json"
        told.update(json.loads(outcomes.read_text()) if outcomes.exists() else {})
        if done.returncode == 0:
            break
        if not _borne(target, folder):
            finding = f"see {folder}; it ended:\n{done.stderr[-1500:]}"
        apart += 1
    words = [f"{key} {count:,}" for key, count in sorted(told.items())]
    words += [f"{edges} edges" for edges in re.findall(r"cov: (\d+)", done.stderr)[-1:]]
    words += [f"peak {size} MB" for size in re.findall(r"stat::peak_rss_mb:\s*(\d+)", done.stderr)]
    words += [f"{apart} borne by a process of their own"] if apart and not finding else []
    return Result(target.name, inputs, time.monotonic() - begun, ", ".join(words), finding)


def _searched(name: str, folder: Path, seconds: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz.guided", name, str(folder)]
    command += [f"-max_total_time={seconds}", f"-rss_limit_mb={_MEMORY_MB}", f"-timeout={_INPUT_SECONDS}"]
    command += ["-max_len=65536", "-print_final_stats=1"]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


def _borne(target: Target, folder: Path) -> bool:
    """Whether what ended the search does no harm in a process of its own, as the product takes it."""
    hostile = [*folder.glob("oom-*"), *folder.glob("timeout-*")]
    if target.apart is None or not hostile or any(folder.glob("crash-*")):
        return False
    for path in hostile:
        target.apart(path.read_bytes())
        path.unlink()
    return True


def _gateway(folder: Path, seconds: int) -> Result:
    begun = time.monotonic()
    examples = max(2, int(seconds * _EXAMPLES_A_SECOND))
    with _asked(folder) as (client, document):

        def ask(method: str, url: str, rest: object) -> int:
            return client.request(method, url.replace("http://testserver", ""), **rest).status_code  # type: ignore[arg-type]

        try:
            counts = ask_everything(document, ask, examples=examples)
        except AssertionError as failure:
            return Result("gateway", 0, time.monotonic() - begun, "", str(failure)[:2000])
    told = ", ".join(f"{key} {count:,}" for key, count in sorted(counts.items()))
    return Result("gateway", counts.total(), time.monotonic() - begun, told)


@contextmanager
def _asked(folder: Path) -> Iterator[tuple[httpx.Client, dict[str, object]]]:
    """A client of a whole bus that nobody else uses."""
    settings = Settings(gateway_rate=1e9, gateway_burst=10**9)
    with Dev(folder, DevOptions(settings=settings)) as dev:
        headers = {"Authorization": f"Bearer {dev.keys['by-env']}"}
        with httpx.Client(base_url=dev.gateway, headers=headers, timeout=60) as client:
            yield client, client.get("/openapi.json").json()


if __name__ == "__main__":
    main()
