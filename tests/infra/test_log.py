"""Logs are one line per event, and hold nothing of what units report."""

from __future__ import annotations

import io
import json
import logging
import uuid
from datetime import UTC, datetime

import pytest
import structlog

from infra.log import configure_logging

SECRET = "被举报人张某"


@pytest.fixture
def lines():
    before, level = logging.root.handlers[:], logging.root.level
    stream = io.StringIO()
    configure_logging("worker", stream=stream, console=False)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.root.handlers, logging.root.level = before, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_line_says_which_process_said_what_when(lines):
    structlog.get_logger("consumers.casework").info("applied", events=3)
    [line] = lines()
    assert (line["process"], line["logger"], line["level"], line["event"]) == (
        "worker",
        "consumers.casework",
        "info",
        "applied",
    )
    assert line["events"] == 3
    assert datetime.fromisoformat(line["timestamp"]).tzinfo == UTC


def test_a_library_is_logged_in_the_same_shape(lines):
    logging.getLogger("somelibrary").warning("slow: %s", "yes")
    [line] = lines()
    assert (line["process"], line["logger"], line["event"]) == ("worker", "somelibrary", "slow: yes")


@pytest.mark.parametrize("library", ["kafka.conn", "aiokafka.consumer", "faust.worker", "uvicorn.access"])
def test_libraries_are_not_heard_telling_of_their_inner_life(lines, library):
    logging.getLogger(library).info("joined")
    logging.getLogger(library).error("broken")
    assert [line["event"] for line in lines()] == ["broken"]


@pytest.mark.parametrize(
    "payload",
    [SECRET.encode(), bytearray(SECRET.encode()), {"summary": SECRET}, [SECRET], (SECRET,), {SECRET}],
)
def test_a_payload_never_reaches_the_log(lines, payload):
    structlog.get_logger().warning("refused", value=payload)
    [line] = lines()
    assert SECRET not in json.dumps(line, ensure_ascii=False)
    assert line["value"].startswith("<")


def test_an_overlong_text_is_cut(lines):
    structlog.get_logger().warning("refused", detail="x" * 10_000)
    assert len(lines()[0]["detail"]) < 2100


def test_plain_values_stay(lines):
    case = uuid.uuid4()
    structlog.get_logger().info("seen", case=case, offset=7, late=True, unit=None)
    [line] = lines()
    assert (line["case"], line["offset"], line["late"], line["unit"]) == (str(case), 7, True, None)


def test_an_exception_is_logged_with_its_traceback(lines):
    try:
        {}["no such topic"]
    except KeyError:
        structlog.get_logger().exception("failed")
    assert "KeyError: 'no such topic'" in lines()[0]["exception"]
