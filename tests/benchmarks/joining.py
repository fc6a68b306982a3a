"""How long it takes to bring a unit onto the bus, up to its first delivered event: the machine's part, and a person's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.dev.supervisor import Dev, DevOptions
from infra.settings import Settings
from tests.benchmarks.expectation import Wrong
from tests.secure.onboarding import ADDRESSEE, Onboarding

PERSON_SECONDS = {"types": 60.0, "copies": 20.0}
"""An estimate, not measured: filling in a command from a page of documentation, and marking, copying and saving."""


def measure(language: str) -> dict[str, float]:
    """One unit joins a bus with passwords and rights. Raises Wrong unless its event is delivered."""
    with _bus() as (bus, folder):
        person = Onboarding(bus, folder)
        printed = person.operator_adds(language)
        person.bus_reads_the_register()
        secrets, file = person.programmer_copies(printed, language)
        if f"delivered to {ADDRESSEE}" not in person.programmer_runs(language, file, secrets):
            raise Wrong("the first event was not delivered")
    estimated = sum(PERSON_SECONDS[what.split()[0]] for what, _ in person.steps)
    machine = sum(seconds for _, seconds in person.steps)
    for what, seconds in person.steps:
        print(f"{what}: {seconds:.1f} s of the machine, {PERSON_SECONDS[what.split()[0]]:.0f} s of a person")
    return {
        "steps": len(person.steps),
        "machine s": machine,
        "person s (estimated)": estimated,
        "together s": machine + estimated,
    }


@contextmanager
def _bus() -> Iterator[tuple[Dev, Path]]:
    with tempfile.TemporaryDirectory(prefix="linkage-onboarding-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root, PostgreSQL runs under another account, which has to pass through
        options = DevOptions(settings=Settings(partitions=2), secure=True)
        with Dev(folder / "bus", options) as bus:
            (folder / "desk").mkdir()
            yield bus, folder / "desk"
