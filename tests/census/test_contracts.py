"""The contracts are complete: nothing is missing, nothing unreferenced, and what is generated is up to date."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import codec
from schemas.admission import Admitted, Reason, Refusal, admit
from schemas.catalogue import (
    AVRO,
    BY_NAME,
    EVENT_TYPES,
    EXAMPLES,
    SENSITIVITIES,
    SPEAKERS,
    EventType,
    Sensitivity,
)
from schemas.compatibility import fields_of
from schemas.envelope import write_headers
from schemas.fields import FIELD_BY_CODE
from schemas.generate import RELEASED, ROOT, breaking, read_schemas, stale
from schemas.samples import Sample, all_samples, samples
from schemas.topics import GATEWAY
from schemas.units import Register, Role

SCHEMAS = read_schemas()
EACH_SCHEMA = pytest.mark.parametrize(
    "schema", [pytest.param(SCHEMAS[r.schema_id], id=r.name) for r in EVENT_TYPES]
)
SAMPLES = [pytest.param(one, id=f"{one.envelope.type}-{one.name}") for one in all_samples()]
LATER = datetime(2027, 1, 1, tzinfo=UTC)
BOTH_LANGUAGES = re.compile(r"[\u4e00-\u9fff].* — [A-Za-z]")
WHAT_HAPPENED = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")

CONVERSATIONS = {
    "admin_case", "lead", "transfer", "filing", "reconsideration", "supervision", "opinion", "items", "case",
    "correction", "reverse", "mirror", "pil", "intervention", "consult", "obstacle", "duty_lead", "deadline",
}  # fmt: skip


def test_ids_and_versions_are_unique() -> None:
    assert max(Counter(row.schema_id for row in EVENT_TYPES).values()) == 1
    assert max(Counter((row.name, row.version) for row in EVENT_TYPES).values()) == 1
    assert min(row.schema_id for row in EVENT_TYPES) > 0


def test_the_catalogue_covers_every_conversation() -> None:
    assert {row.conversation for row in EVENT_TYPES} == CONVERSATIONS
    assert len(BY_NAME) >= 86


def test_every_row_names_the_event_in_both_languages_and_who_may_say_it() -> None:
    for row in EVENT_TYPES:
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", row.name)
        assert re.search(r"[\u4e00-\u9fff]", row.zh)
        assert row.en.isascii()
        assert row.speakers
        assert Role.BUS not in row.speakers or row.speakers == {Role.BUS}
    assert SPEAKERS.keys() == set(Role)
    assert SENSITIVITIES.keys() == set(Sensitivity)


def test_every_schema_file_belongs_to_a_row_and_every_row_has_one() -> None:
    assert {path.name for path in AVRO.iterdir()} == {row.avsc for row in EVENT_TYPES} | {RELEASED.name}


@pytest.mark.parametrize("row", EVENT_TYPES, ids=lambda row: row.name)
def test_a_schema_is_named_after_its_event(row: EventType) -> None:
    schema = SCHEMAS[row.schema_id]
    words = row.name.replace(".", "_").split("_")
    assert schema["name"] == "".join(word.capitalize() for word in words)
    assert schema["namespace"] == f"linkage.{row.conversation}"
    assert schema["doc"] == f"{row.zh} — {row.en}"


@EACH_SCHEMA
def test_every_field_is_described_in_both_languages_and_says_how_far_it_may_travel(
    schema: Mapping[str, Any],
) -> None:
    for path, field in fields_of(schema).items():
        assert BOTH_LANGUAGES.match(field["doc"]), path
        assert field["sensitivity"] in set(Sensitivity), path


@EACH_SCHEMA
def test_every_number_is_bounded_and_whatever_may_be_null_may_be_left_out(schema: Mapping[str, Any]) -> None:
    for path, field in fields_of(schema).items():
        kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
        if {"int", "long"} & {kind for kind in kinds if isinstance(kind, str)}:
            assert field["minimum"] < field["maximum"], path
        if kinds[0] == "null":
            assert field["default"] is None, path


@EACH_SCHEMA
def test_every_event_may_carry_a_summary_and_documents(schema: Mapping[str, Any]) -> None:
    assert [field["name"] for field in schema["fields"]][-2:] == ["summary", "documents"]
    assert "default" in schema["fields"][-1]
    assert "default" in schema["fields"][-2]


def test_no_schema_uses_floating_point_or_a_type_that_the_codec_does_not_check() -> None:
    text = " ".join((AVRO / row.avsc).read_text("utf-8") for row in EVENT_TYPES)
    assert not re.search(r'"(float|double|map|fixed)"', text)


def _named(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for one in node:
            yield from _named(one)
    elif isinstance(node, dict):
        if node.get("namespace") == "linkage":
            yield node["name"], json.dumps(node, sort_keys=True)
        for one in node.values():
            yield from _named(one)


def test_a_shared_record_is_the_same_in_every_schema() -> None:
    shapes: dict[str, set[str]] = {}
    for schema in SCHEMAS.values():
        for name, shape in _named(schema):
            shapes.setdefault(name, set()).add(shape)
    assert {"Document", "Party", "Article"} <= shapes.keys()
    assert {name: len(found) for name, found in shapes.items() if len(found) > 1} == {}


@pytest.mark.parametrize("name", BY_NAME)
def test_every_type_has_an_example_named_by_what_happened(name: str) -> None:
    found = samples(name)
    assert found
    for one in found:
        assert WHAT_HAPPENED.fullmatch(one.name), one.name


def test_every_example_file_is_used() -> None:
    files = {path for path in EXAMPLES.rglob("*") if path.is_file()}
    assert files == {one.path for one in all_samples()}


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_example_is_valid_and_comes_back_as_it_was(sample: Sample) -> None:
    value = codec.encode_json(sample.envelope.type, sample.data)
    back = codec.decode_json(value)
    assert {name: back[name] for name in sample.data} == _filled(sample.data, back)
    assert codec.encode_json(sample.envelope.type, back) == value


def _filled(data: Mapping[str, Any], back: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with the defaults that reading it back fills into records in lists."""
    return {
        name: [{**theirs, **ours} for ours, theirs in zip(value, back[name], strict=True)]
        if isinstance(value, list) and value and isinstance(value[0], dict)
        else value
        for name, value in data.items()
    }


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_example_passes_admission_with_the_demo_register(sample: Sample, register: Register) -> None:
    """What only the bus says is refused from anybody else, for that reason alone."""
    envelope = sample.envelope
    assert envelope.field in FIELD_BY_CODE
    for owner in (envelope.source, GATEWAY):
        verdict = admit(
            key=str(envelope.subject).encode(),
            value=codec.encode_json(envelope.type, sample.data),
            headers=write_headers(envelope),
            owner=owner,
            register=register,
            now=LATER,
            max_bytes=256 * 1024,
        )
        if envelope.source == "bus":
            assert BY_NAME[envelope.type].speakers == {Role.BUS}
            assert isinstance(verdict, Refusal)
            assert verdict.reason is Reason.WRONG_SOURCE
        else:
            assert isinstance(verdict, Admitted), verdict


def test_examples_of_one_unit_have_ids_of_their_own() -> None:
    identities = Counter(one.envelope.identity for one in all_samples())
    assert identities.most_common(1)[0][1] == 1


def test_generated_files_are_up_to_date() -> None:
    assert stale() == [], "run `linkage schemas generate`"


def test_no_released_schema_was_changed_in_a_breaking_way() -> None:
    assert [str(one) for one in breaking()] == []


def test_every_schema_is_released() -> None:
    """Without this a schema could be edited unnoticed, because nothing remembers what it was."""
    assert json.loads((ROOT / RELEASED).read_text("utf-8")).keys() == {
        str(row.schema_id) for row in EVENT_TYPES
    }
