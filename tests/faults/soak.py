"""A long run under faults: `python -m tests.faults.soak --seconds N --seed S`, on servers of its own.

Faults come by a schedule that follows from the seed, one after the other, while cases are told; after each one
the bus must drain and everything is held against the invariants. The report says what was done and what was
found; the exit status is 1 if anything was. Everything stays in the folder that is printed, for a look
afterwards, unless nothing was found.
"""

from __future__ import annotations

import argparse
import logging
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from consumers.rebuild import dump, replaying
from infra.database import create_database, migrate
from infra.database import engine as make_engine
from infra.dev.broker import Broker
from infra.dev.postgres import Postgres
from infra.rules import read_rulebook
from tests.faults.bus import GATEWAY_POINTS, GATEWAYS, POINTS, PROCESSES, VICTIMS, Bus, running_bus
from tests.faults.evidence import count
from tests.faults.plant import SESSION_SECONDS
from tests.faults.scripts import SCRIPTS, due_in

CASES_PER_FAULT = 8
REPLAY_EVERY = 25
"""After so many faults the database is rebuilt from the log and compared."""
MOST_LINES = 40
EVERYTHING = (*PROCESSES, *GATEWAYS)

Fault = Callable[[Bus, random.Random], None]


def kill_by_chance(bus: Bus, chance: random.Random) -> None:
    """A process is killed whatever it does."""
    victim = chance.choice(EVERYTHING)
    bus.plant.kill(victim)
    bus.plant.start(victim)


def kill_at_a_point(bus: Bus, chance: random.Random) -> None:
    """A process is killed at a named point."""
    point = chance.choice((*POINTS, *GATEWAY_POINTS))
    victim = VICTIMS.get(point.partition("-")[0]) or chance.choice(GATEWAYS)
    bus.plant.kill(victim)
    bus.plant.start(victim, failpoint=point)
    bus.tell(1, SCRIPTS)
    bus.plant.wait_for_death(victim)
    bus.plant.start(victim)


def kill_everything(bus: Bus, chance: random.Random) -> None:
    """All processes are killed, some time before they come back."""
    bus.plant.kill(*EVERYTHING)
    bus.plant.wait_seconds(chance.uniform(0, 5))
    bus.plant.start(*EVERYTHING)


def kill_broker(bus: Bus, chance: random.Random) -> None:
    """The broker is killed and away for a while."""
    bus.plant.kill_broker()
    bus.plant.wait_seconds(chance.uniform(0, 10))
    bus.plant.broker.start()


def kill_postgres(bus: Bus, chance: random.Random) -> None:
    """The database is killed and away for a while."""
    bus.plant.kill_postgres()
    bus.plant.wait_seconds(chance.uniform(0, 20))
    bus.plant.postgres.start()


def rebalance(bus: Bus, chance: random.Random) -> None:
    """A second worker joins and goes, in order or not."""
    bus.plant.start("worker-2")
    bus.let_run_by_chance(chance)
    chance.choice([bus.plant.kill, bus.plant.stop])("worker-2")


def zombie(bus: Bus, chance: random.Random) -> None:
    """A second worker freezes for longer than its session lasts, comes back, and is killed later."""
    bus.plant.start("worker-2")
    bus.let_run_by_chance(chance)
    bus.plant.freeze("worker-2")
    bus.plant.wait_seconds(SESSION_SECONDS + chance.uniform(0, 4))
    bus.plant.thaw("worker-2")
    bus.let_run_by_chance(chance)
    bus.plant.kill("worker-2")


def stop_in_order(bus: Bus, chance: random.Random) -> None:
    """A process is stopped as for an update."""
    victim = chance.choice(EVERYTHING)
    bus.plant.stop(victim)
    bus.plant.start(victim)


FAULTS: Sequence[tuple[int, Fault]] = (
    (6, kill_by_chance),
    (8, kill_at_a_point),
    (1, kill_everything),
    (1, kill_broker),
    (1, kill_postgres),
    (2, rebalance),
    (2, zombie),
    (1, stop_in_order),
)
"""How often each comes, against the others."""


@dataclass
class Report:
    """What a run has done and found."""

    faults: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    kills: int = 0
    cases: int = 0
    sent: int = 0
    applied: int = 0
    replays: int = 0

    def text(self, seconds: float, seed: int) -> str:
        """The report as it is printed."""
        told = f"{self.cases} cases, {self.sent} events sent, {self.applied} applied, {self.replays} replays compared"
        lines = [
            f"{seconds:.0f} s with seed {seed}: {self.kills} kills, {sum(self.faults.values())} faults, {told}",
            "  " + ", ".join(f"{name} {number}" for name, number in self.faults.most_common()),
            f"{len(self.violations)} violations of I1 to I10",
        ]
        if self.violations:
            lines += [f"  {line}" for line in self.violations[:MOST_LINES]]
        elif self.kills:
            lines.append(
                f"0 failures in {self.kills} kills bounds the rate at {3 / self.kills:.2%} a kill (95 %, rule of three)"
            )
        return "\n".join(lines)


def soak(bus: Bus, chance: random.Random, seconds: float, report: Report) -> None:
    """Do harm until the time is over or something is found."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not report.violations:
        one_fault(bus, chance, report)
        if sum(report.faults.values()) % REPLAY_EVERY == 0:
            report.violations += replay(bus, report)
    if not report.violations:
        report.violations += replay(bus, report)
    report.kills = bus.plant.killed
    report.cases = len(bus.load.stories)
    report.sent = bus.load.sent
    report.applied = count(bus.plant.engine, "SELECT count(*) FROM events")


def one_fault(bus: Bus, chance: random.Random, report: Report) -> None:
    """One fault under load, then everything drains and is checked."""
    [fault] = chance.choices([fault for _, fault in FAULTS], [weight for weight, _ in FAULTS])
    bus.tell(1, (*chance.choices(SCRIPTS, k=CASES_PER_FAULT), due_in(chance.uniform(2, 20))))
    bus.let_run_by_chance(chance)
    report.faults[fault.__name__] += 1
    try:
        fault(bus, chance)
        bus.finish()
        report.violations += bus.violations()
    except AssertionError as error:
        report.violations.append(f"{fault.__name__}: {error}")
    sys.stdout.write(f"{sum(report.faults.values())} {fault.__name__}: {len(report.violations)} violations\n")
    sys.stdout.flush()


def replay(bus: Bus, report: Report) -> list[str]:
    """I9: what differs between the database and the replay of the log."""
    settings = bus.plant.settings
    name = f"{settings.namespace}replay-{report.replays}"
    report.replays += 1
    database = create_database(bus.plant.postgres.url(), name, template="migrated")
    fresh = settings.model_copy(update={"database": database})
    rebuilt = make_engine(fresh)
    replaying.rebuild(fresh, read_rulebook(fresh), rebuilt)
    differing = set(dump.lines(rebuilt)) ^ set(dump.lines(bus.plant.engine))
    rebuilt.dispose()
    return [f"replay differs: {line[:200]}" for line in sorted(differing)]


def main() -> int:
    """Run as the command line says; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3600, help="how long to do harm")
    parser.add_argument(
        "--seed", type=int, default=int(time.time()), help="the schedule of faults follows from it"
    )
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)  # clients of ours complain about every broker that is away
    folder = Path(tempfile.mkdtemp(prefix="linkage-soak-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs under another account, which has to pass through
    sys.stdout.write(f"seed {chosen.seed}, everything in {folder}\n")
    report, began = Report(), time.monotonic()
    with Broker(folder / "kafka") as broker, Postgres(folder / "postgres") as postgres:
        migrate(create_database(postgres.url(), "migrated"))
        (folder / "processes").mkdir()
        with running_bus(
            "soak",
            folder / "processes",
            broker,
            postgres,
            template="migrated",
            seed=chosen.seed,
            gateways=GATEWAYS,
        ) as bus:
            soak(bus, random.Random(chosen.seed), chosen.seconds, report)
    sys.stdout.write(report.text(time.monotonic() - began, chosen.seed) + "\n")
    if not report.violations:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
