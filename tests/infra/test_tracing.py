"""Traces: off they are nothing; on, every hop is a child of what the speaker sent, at a real collector too."""

from __future__ import annotations

from dataclasses import replace

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from consumers.casework.transaction import Casework
from consumers.feeds.relay import _HOP as DELIVER
from consumers.rulebook import Rulebook
from consumers.workdays import published_calendar
from infra import tracing
from infra.database import engine
from infra.settings import Settings
from infra.tracing import Hop
from tests.consumers.casework.logged import TOPIC, Log, told
from tests.faults.scripts import SWIFT
from tests.infra.listening import Listening

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{PARENT}-01"
HEADERS = (("ce_id", b"e1"), ("ce_type", b"lead.found"), ("traceparent", GIVEN.encode()))


@pytest.fixture
def spans():
    """What is traced, while a test runs."""
    exporter = InMemorySpanExporter()
    tracing.start_with(SimpleSpanProcessor(exporter), "worker")
    yield exporter.get_finished_spans
    tracing.stop()


def parents(spans) -> list[tuple[str, str, str]]:
    return [(span.name, f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") for span in spans()]


def test_while_traces_are_off_no_record_is_looked_at():
    def never():
        raise AssertionError
        yield

    hop = Hop("casework")
    assert hop.began() == 0
    hop.ended(hop.began(), never())
    assert tracing.said("") == ""
    assert tracing.said(GIVEN) == GIVEN


def test_a_hop_is_a_child_of_what_the_speaker_sent(spans):
    began = DELIVER.began()
    DELIVER.ended(began, [HEADERS, (("ce_id", b"e2"),)])
    assert parents(spans) == [("deliver", TRACE, PARENT)]
    [span] = spans()
    assert span.attributes["cloudevents.event_id"] == "e1"
    assert span.start_time == began <= span.end_time


@pytest.mark.parametrize("bad", [b"", b"00-zz", b"\xff", f"00-{TRACE}-{PARENT}-00".encode()])
def test_a_broken_header_is_no_error_and_one_that_is_not_sampled_is_not_told(spans, bad):
    hop = Hop("casework")
    hop.ended(hop.began(), [(("traceparent", bad),)])
    assert [span for span in spans() if span.parent is not None] == []


def test_the_gateway_begins_a_trace_or_goes_on_with_the_one_it_was_given(spans):
    fresh, child = tracing.said(""), tracing.said(GIVEN)
    assert fresh.startswith("00-")
    assert TRACE not in fresh
    assert child.startswith(f"00-{TRACE}-")
    assert PARENT not in child
    assert [span.name for span in spans()] == ["say", "say"]
    assert f"{spans()[1].context.span_id:016x}" in child


def test_the_collector_of_the_settings_gets_the_spans():
    with Listening() as collector:
        tracing.start(Settings(otlp_endpoint=collector.address), "worker")
        hop = Hop("casework")
        hop.ended(hop.began(), [HEADERS])
        tracing.stop()
    [got] = collector.got
    assert got.path == "/v1/traces"
    request = ExportTraceServiceRequest.FromString(got.raw)
    [span] = request.resource_spans[0].scope_spans[0].spans
    assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == ("casework", TRACE, PARENT)


@pytest.mark.postgres
def test_casework_tells_what_it_applied(spans, database, register):
    log, connector = Log(TOPIC), engine(Settings(database=database), pool=1)
    work = Casework(
        connector, Rulebook(register, published_calendar()), Log.range, cached_events=100, topic=TOPIC
    )
    first, second = told(SWIFT)[:2]
    work.apply(log.add(replace(first, headers=(*first.headers, ("traceparent", GIVEN.encode())))))
    work.apply(log.add(second))
    assert parents(spans) == [("casework", TRACE, PARENT)]
    connector.dispose()
