"""What each process measures about itself, for Prometheus: counted per batch, never per record; no case, no person.

Labels are bounded: topics and units come from the register, routes, reasons and steps from the code.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from infra.settings import Settings

REGISTRY = CollectorRegistry()
"""Everything that a process shows; collectors of an installation's standings join it where they run."""

_RECORDS = (1, 10, 50, 100, 250, 500, 1000, 2000, 5000, 20000)
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
_LATENESS = (0.25, 0.5, 1, 2, 5, 10, 60, 300, 3600, 86400)

batch_records = Histogram(
    "bus_batch_records", "Records that a step took at once", ["step"], registry=REGISTRY, buckets=_RECORDS
)
batch_seconds = Histogram(
    "bus_batch_seconds", "Time that a step took for them", ["step"], registry=REGISTRY, buckets=_SECONDS
)
events_admitted = Counter("bus_events_admitted", "Records that intake let into the log", registry=REGISTRY)
events_refused = Counter(
    "bus_events_refused", "Records that intake refused, by reason code", ["reason"], registry=REGISTRY
)
published = Counter(
    "bus_published", "Records that the relay sent: feed or outbox", ["kind"], registry=REGISTRY
)
rung = Counter("bus_clock_rung", "Alarms that were put on their way", registry=REGISTRY)
lateness = Histogram(
    "bus_clock_lateness_seconds", "Time from due to rung", registry=REGISTRY, buckets=_LATENESS
)
requests = Counter(
    "bus_gateway_requests", "Requests by route and status", ["method", "route", "status"], registry=REGISTRY
)
request_seconds = Histogram(
    "bus_gateway_request_seconds", "Time to the answer", ["route"], registry=REGISTRY, buckets=_SECONDS
)


@contextmanager
def batch(step: str, records: int) -> Iterator[None]:
    """Measure one batch of a step; one that failed is not counted, the next try is."""
    began = time.perf_counter()
    yield
    batch_seconds.labels(step).observe(time.perf_counter() - began)
    batch_records.labels(step).observe(records)


def count_refused(reasons: Mapping[str, int], admitted: int) -> None:
    """What intake made of one batch."""
    if admitted:
        events_admitted.inc(admitted)
    for reason, number in reasons.items():
        events_refused.labels(reason).inc(number)


def serve(settings: Settings) -> None:
    """Answer Prometheus on the configured port, in a thread of its own; off unless a port is set.

    Raises OSError if the port is taken.
    """
    if settings.metrics_port is None:
        return
    ProcessCollector(registry=REGISTRY)
    PlatformCollector(registry=REGISTRY)
    GCCollector(registry=REGISTRY)
    start_http_server(settings.metrics_port, addr=settings.metrics_host, registry=REGISTRY)
