"""Every contract can be cut: whatever is personal or restricted in an event can be hidden, and stays valid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from consumers.views.fields import Matter, hideable, hideable_in
from consumers.views.kinds import View
from consumers.views.rules import cut, may_hide
from consumers.views.views_page import page
from schemas.catalogue import AVRO, BY_NAME
from schemas.codec import decode, encode, encode_json
from schemas.samples import Sample, all_samples

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize(
    "sample", tuple(all_samples()), ids=lambda sample: f"{sample.envelope.type}-{sample.name}"
)
def test_every_view_of_every_example_is_valid_under_the_contract(sample: Sample, view: View) -> None:
    name = sample.envelope.type
    data = decode(encode_json(name, sample.data)).data
    shown = cut(name, data, view, sample.envelope.time.date())
    assert decode(encode(name, shown.data)).data == shown.data
    assert may_hide(name, view) or shown.hidden == ()


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_an_outline_touches_every_personal_and_restricted_field(name: str) -> None:
    schema = json.loads((AVRO / BY_NAME[name].avsc).read_text("utf-8"))
    closed = {
        field["name"] for field in schema["fields"] if field["sensitivity"] in ("personal", "restricted")
    }
    assert {field.name for field in hideable(name)} == closed
    assert may_hide(name, View.OUTLINE) == bool(closed)


def test_parties_are_always_the_same_record() -> None:
    """A view knows the fields of a party by name."""
    shapes = set()
    for name in BY_NAME:
        schema = json.loads((AVRO / BY_NAME[name].avsc).read_text("utf-8"))
        persons = {field.name for field in hideable(name) if field.matter is Matter.PERSONS}
        for field in schema["fields"]:
            if field["name"] in persons:
                shapes.add(tuple(part["name"] for part in field["type"]["items"]["fields"]))
    assert shapes == {("name", "kind", "id_no", "role")}


@pytest.mark.parametrize(
    "field",
    [
        {"name": "age", "type": "int", "sensitivity": "personal"},
        {"name": "mood", "type": {"type": "enum", "symbols": ["glad", "sad"]}, "sensitivity": "personal"},
        {
            "name": "people",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "fields": [{"name": "who", "type": "string", "sensitivity": "personal"}],
                },
            },
            "sensitivity": "internal",
        },
    ],
    ids=["number", "enum", "nested"],
)
def test_a_contract_that_no_view_could_cut_is_refused(field: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is personal or restricted, but no view could hide it"):
        hideable_in({"fields": [field]})


def test_the_page_shows_the_tables_as_they_are() -> None:
    """After a change of a table: `python -m consumers.views.views_page > docs/views.md`."""
    assert (ROOT / "docs/views.md").read_text("utf-8") == page()
