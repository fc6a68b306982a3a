"""Traces for an OpenTelemetry collector: what an event with a `traceparent` went through, hop by hop.

Off unless LINKAGE_OTLP_ENDPOINT is set; then a hop costs one comparison for each batch, nothing for an event. Needs the
extra `otel`. The header that a speaker gave, or that the gateway made, goes through unchanged: every hop's span is a
child of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from infra.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Tracer

HEADER = "traceparent"
Headers = Sequence[tuple[str, bytes | None]]


class TracingError(RuntimeError):
    """Traces are asked for and cannot be made; the text says what to do."""


class Hop:
    """One kind of step of this process. Without a tracer it does nothing."""

    def __init__(self, name: str) -> None:
        self.name = name

    def began(self) -> int:
        """When a batch begins, in nanoseconds; 0 while traces are off."""
        return time.time_ns() if _on else 0

    def ended(self, began: int, records: Iterable[Headers]) -> None:
        """Tells a span for each record of a trace; nothing for a batch that began while traces were off."""
        if began and _on:
            ended = time.time_ns()
            for headers in records:
                _tell(_on[0], self.name, headers, began, ended)


_on: list[Tracer] = []
"""The tracer of this process, if there is one."""
_providers: list[TracerProvider] = []


def start(settings: Settings, process: str) -> None:
    """Begins to trace if the settings want it. Raises TracingError."""
    if not settings.otlp_endpoint:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise TracingError(
            "LINKAGE_OTLP_ENDPOINT needs the extra: pip install 'linkage-bus[otel]', or leave it out"
        ) from None
    exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
    start_with(BatchSpanProcessor(exporter), process)


def start_with(processor: SpanProcessor, process: str) -> None:
    """Begins to trace to `processor`."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": f"linkage-{process}"}))
    provider.add_span_processor(processor)
    _on[:] = [provider.get_tracer("linkage")]
    _providers[:] = [provider]


def stop() -> None:
    """Traces no more; what is told already is sent first. Blocks."""
    _on.clear()
    while _providers:
        _providers.pop().shutdown()


def said(traceparent: str) -> str:
    """The `traceparent` that an event gets at its entrance: of a new span under the given one, or of a new trace."""
    if not _on:
        return traceparent
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 - an extra
        TraceContextTextMapPropagator,
    )

    propagator = TraceContextTextMapPropagator()
    context = propagator.extract({HEADER: traceparent})
    carrier: dict[str, str] = {}
    with _on[0].start_as_current_span("say", context=context):
        propagator.inject(carrier)
    return carrier.get(HEADER, traceparent)


def _tell(tracer: Tracer, name: str, headers: Headers, began: int, ended: int) -> None:
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 - an extra
        TraceContextTextMapPropagator,
    )

    told = {key: value.decode("ascii", "replace") for key, value in headers if value is not None}
    if HEADER not in told:
        return
    context = TraceContextTextMapPropagator().extract({HEADER: told[HEADER]})
    attributes = {
        "messaging.system": "kafka",
        "cloudevents.event_id": told.get("ce_id", ""),
        "cloudevents.event_type": told.get("ce_type", ""),
    }
    span = tracer.start_span(name, context=context, start_time=began, attributes=attributes)
    span.end(end_time=ended)
