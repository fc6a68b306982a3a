"""The standings of the whole installation as Prometheus metrics, looked up when they are asked for.

Names of lag are those that dashboards for Kafka know (`kafka_consumergroup_group_lag`). Every process that may be
the relay shows them; they say the same, so take the maximum.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from consumers.monitoring.lag import SEVERITY
from consumers.monitoring.silence import Hearing, hearing
from consumers.monitoring.standings import reporting_days
from consumers.monitoring.watching import Look, Watch
from consumers.rulebook import Rulebook

SILENCE_SECONDS = 600.0
"""So often the habits of units are computed anew: they are measured in days."""

log = structlog.get_logger(__name__)


class Standing(Collector):
    """Looks at each scrape; shows nothing but `bus_look_failed` while broker or database are away."""

    def __init__(
        self,
        watch: Watch,
        engine: Engine,
        rulebook: Rulebook,
        group: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._watch = watch
        self._engine = engine
        self._rulebook = rulebook
        self._group = group
        self._clock = clock
        self._hearings: dict[str, tuple[Hearing, datetime | None]] = {}
        self._heard_at: float | None = None

    def describe(self) -> Iterator[Metric]:
        """No look at registration: the registry would take one to learn the names."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All families."""
        failed = GaugeMetricFamily("bus_look_failed", "1: broker or database did not answer this scrape")
        try:
            look = self._watch.look()
            hearings = self._hear()
        except Exception as error:  # noqa: BLE001  (a scrape must answer, and say that it knows nothing)
            log.warning("cannot look", error=f"{type(error).__name__}: {error}".split("\n")[0])
            failed.add_metric([], 1)
            yield failed
            return
        failed.add_metric([], 0)
        yield failed
        yield from _lags(look, self._group)
        yield from _work(look)
        yield from _feeds(look)
        yield from _reconciled(look)
        silent = GaugeMetricFamily(
            "bus_unit_silent", "1: longer without a report than ever, by its own habit", labels=["unit"]
        )
        last = GaugeMetricFamily(
            "bus_unit_last_heard_timestamp_seconds", "When the unit last reported", labels=["unit"]
        )
        for unit, (state, at) in hearings.items():
            silent.add_metric([unit], float(state is Hearing.SILENT))
            if at is not None:
                last.add_metric([unit], at.timestamp())
        yield silent
        yield last

    def _hear(self) -> dict[str, tuple[Hearing, datetime | None]]:
        if self._heard_at is None or time.monotonic() - self._heard_at > SILENCE_SECONDS:
            self._hearings = hearings_of(self._engine, self._rulebook, self._clock())
            self._heard_at = time.monotonic()
        return self._hearings


def hearings_of(
    engine: Engine, rulebook: Rulebook, now: datetime
) -> dict[str, tuple[Hearing, datetime | None]]:
    """For each unit of the register: whether it has fallen silent, and when it last reported. Blocks."""
    days = reporting_days(engine)
    return {
        unit: (hearing(days[unit][0], now, rulebook.calendar.at(now)), days[unit][1])
        if unit in days
        else (Hearing.NEVER, None)
        for unit in rulebook.register.by_code
    }


def _lags(look: Look, group: str) -> Iterator[Metric]:
    labels = ["group", "topic", "partition"]
    lag = GaugeMetricFamily("kafka_consumergroup_group_lag", "Records not yet applied", labels=labels)
    seconds = GaugeMetricFamily(
        "kafka_consumergroup_group_lag_seconds",
        "Age of the oldest of them; a lower bound after a start",
        labels=labels,
    )
    state = GaugeMetricFamily(
        "bus_reader_state",
        "How the reader is doing: " + ", ".join(f"{n} {one.value}" for n, one in enumerate(SEVERITY)),
        labels=labels,
    )
    for line in look.partitions:
        place = [group, line.topic, str(line.partition)]
        lag.add_metric(place, line.lag)
        seconds.add_metric(place, line.seconds)
        state.add_metric(place, SEVERITY.index(line.state))
    yield from (lag, seconds, state)


def _work(look: Look) -> Iterator[Metric]:
    found = look.standings
    for name, about, value in (
        ("bus_outbox_depth", "What the bus decided and the relay has not sent", found.outbox),
        ("bus_outbox_oldest_seconds", "Age of the oldest of it", found.outbox_seconds),
        ("bus_feed_unnumbered", "Feed entries that the relay has not got to", found.unnumbered),
        ("bus_clock_held", "Alarms more than 2 s past due that are not in the log", found.held_alarms),
        ("bus_clock_other_rules", "Cases whose open clocks were decided by other rules", found.other_rules),
        ("bus_clock_held_seconds", "How long the oldest alarm is past due", found.held_seconds),
    ):
        family = GaugeMetricFamily(name, about)
        family.add_metric([], value)
        yield family
    aside = GaugeMetricFamily(
        "bus_quarantine_open",
        "Records that were not applied and nobody has settled",
        labels=["kind", "reason"],
    )
    for (kind, reason), number in found.set_aside.items():
        aside.add_metric([kind, reason], number)
    redrive = GaugeMetricFamily(
        "bus_redrive_records", "Records of the jobs under way, by state", labels=["state"]
    )
    for state, number in found.redriving.items():
        redrive.add_metric([state], number)
    yield from (aside, redrive)


def _feeds(look: Look) -> Iterator[Metric]:
    backlog = GaugeMetricFamily(
        "bus_feed_backlog", "Readable entries that the unit has not acknowledged", labels=["unit"]
    )
    unsent = GaugeMetricFamily("bus_feed_unpublished", "Numbered entries that are not sent", labels=["unit"])
    for feed in look.standings.feeds:
        backlog.add_metric([feed.unit], feed.backlog)
        unsent.add_metric([feed.unit], feed.unpublished)
    yield from (backlog, unsent)


def _reconciled(look: Look) -> Iterator[Metric]:
    differences = GaugeMetricFamily(
        "bus_reconciliation_differences", "What the last reconciliation found to differ"
    )
    last = GaugeMetricFamily("bus_reconciled_timestamp_seconds", "When everything was last compared")
    if look.standings.reconciled_at is not None:
        differences.add_metric([], look.standings.differences)
        last.add_metric([], look.standings.reconciled_at.timestamp())
    yield from (differences, last)
