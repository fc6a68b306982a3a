"""The demonstration from beginning to end on a running installation: publish, wait, read back, compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from consumers.decisions import Delivery
from consumers.feeds.subscriber import Subscriber
from infra.database import engine
from infra.demo.expectations import Check, compare, result_of
from infra.demo.fresh import fresh_cases
from infra.demo.outcome import Outcome
from infra.demo.playing import DemoError, Play, Voices, Way, plan, publish
from infra.demo.reading import Progress, outcome_of
from infra.dev.supervisor import Dev
from producers.histories import History

_GROUP = "linkage-demo"
_IDLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Told:
    """One case as it was played, what came of it and how that compares."""

    play: Play
    outcome: Outcome
    checks: tuple[Check, ...]

    @property
    def late(self) -> bool:
        """Whether something was done, but too late."""
        return any(result_of(clock) == "met-late" for clock in self.outcome.clocks)


@dataclass(frozen=True, slots=True)
class FeedRead:
    """What one unit read from its own feed topic: numbers 1 to `last`, `mirrored` of them mirrored opinions."""

    unit: str
    topic: str
    last: int
    mirrored: int


def play_all(installation: Dev, histories: Sequence[History]) -> tuple[Told, ...]:
    """Plays every history on `installation` and returns what became of each. Blocks until the alarms have rung.

    Raises DemoError if the bus does not get through, and what publishing raises.
    """
    plays = plan(histories, installation.register)
    database = engine(installation.settings, pool=1)
    settling = timedelta(seconds=installation.settings.settling_seconds)
    progress = Progress(database, settling=settling, check=lambda: _check_alive(installation))
    try:
        with _voices(installation) as voices:
            publish(plays, voices, progress)
        progress.wait_until_quiet()
        with database.connect() as connection:
            return tuple(_told(play, outcome_of(connection, play)) for play in plays)
    except DemoError as error:
        raise DemoError(f"{error}; the logs are in {installation.folder / 'processes'}") from error
    finally:
        database.dispose()


def play_these_days(installation: Dev, *, now: datetime) -> int:
    """Says cases that are under way at `now`, and returns how many events that took. Blocks until they are applied.

    All of them go through the gateway, whose one topic keeps the order in which different units speak.
    Raises what `play_all` raises.
    """
    said = fresh_cases(now, installation.register)
    database = engine(installation.settings, pool=1)
    settling = timedelta(seconds=installation.settings.settling_seconds)
    progress = Progress(database, settling=settling, check=lambda: _check_alive(installation))
    try:
        with _voices(installation) as voices:
            for unit, sayings in groupby(said, key=attrgetter("unit")):
                voices.say(Way.GATEWAY, unit, [one.statement for one in sayings])
            progress.wait_for([one.statement.id for one in said])
    finally:
        database.dispose()
    return len(said)


def _voices(installation: Dev) -> Voices:
    return Voices(
        gateway=installation.gateway,
        keys=installation.keys,
        bootstrap=installation.settings.bootstrap,
        register=installation.register,
        names=installation.settings.topics,
        ingress=lambda: installation.ingress_key,
    )


def _check_alive(installation: Dev) -> None:
    for part in installation.parts.values():
        if not part.child.alive:
            raise DemoError(part.child.obituary())


def _told(play: Play, outcome: Outcome) -> Told:
    return Told(play, outcome, compare(play.history.facts["expect"], outcome, play.cast))


def read_feed(installation: Dev, unit: str) -> FeedRead:
    """Reads the feed of `unit` from Kafka as the unit's own program would.

    Raises FeedGapError if a number is missing, and what kafka-python raises.
    """
    settings = installation.settings
    with Subscriber(
        unit, settings.bootstrap, group=settings.namespace + _GROUP, names=settings.topics
    ) as feed:
        mirrored = sum(item.delivery == Delivery.MIRROR for item in feed.items(idle_seconds=_IDLE_SECONDS))
        return FeedRead(unit, settings.topics.feed(unit), feed.seq, mirrored)
