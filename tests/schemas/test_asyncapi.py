"""The AsyncAPI document is one, and says what the tables say."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import jsonschema
import pytest

from schemas.asyncapi import asyncapi, message_name
from schemas.catalogue import EVENT_TYPES
from schemas.envelope import write_headers
from schemas.generate import read_schemas
from schemas.samples import all_samples
from schemas.topics import TopicNames
from schemas.units import Role

# https://github.com/asyncapi/spec-json-schemas, @asyncapi/specs 6.11.1, Apache-2.0
OFFICIAL = jsonschema.Draft7Validator(
    json.loads(Path(__file__).with_name("asyncapi-3.0.0.json").read_text("utf-8"))
)


@pytest.fixture(scope="module")
def document():
    schemas = read_schemas()
    return asyncapi(EVENT_TYPES, lambda row: schemas[row.schema_id], names=TopicNames("baiyun-"))


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_the_official_schema_accepts_it(document):
    assert [error.message for error in OFFICIAL.iter_errors(document)] == []


@pytest.mark.parametrize("path", ["channels/ingress/address", "components/messages/transfer.sent.v1/payload"])
def test_the_official_schema_would_notice_a_wrong_value(document, path):
    broken = copy.deepcopy(document)
    *way, last = path.split("/")
    place = broken
    for step in way:
        place = place[step]
    place[last] = 7
    assert not OFFICIAL.is_valid(broken)


def test_every_reference_leads_somewhere(document):
    for reference in references(document):
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_topics_are_called_as_in_this_installation(document):
    assert {channel["address"] for channel in document["channels"].values()} == {
        "baiyun-ingress-{unit}",
        "baiyun-feed-{unit}",
        "baiyun-case-events",
        "baiyun-dead-letters",
    }


def test_a_unit_says_every_type_but_those_of_the_bus_and_receives_all(document):
    channels = document["channels"]
    bus = {message_name(row) for row in EVENT_TYPES if row.speakers == {Role.BUS}}
    everything = {message_name(row) for row in EVENT_TYPES}
    assert channels["ingress"]["messages"].keys() == everything - bus
    assert {name.removesuffix(".delivered") for name in channels["feed"]["messages"]} == everything


def test_the_headers_of_every_example_fit_the_envelope_that_is_described(document):
    envelope = document["components"]["messageTraits"]["envelope"]["headers"]
    strict = jsonschema.Draft7Validator(
        {**envelope, "additionalProperties": False}, format_checker=jsonschema.FormatChecker()
    )
    for sample in all_samples():
        strict.validate({name: raw.decode() for name, raw in write_headers(sample.envelope)})
