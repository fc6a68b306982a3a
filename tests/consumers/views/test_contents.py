"""Content is shown to people by the sensitivity of its field."""

from __future__ import annotations

import pytest

from consumers.views.contents import MASK, masked, masked_text, without_values
from schemas.catalogue import Sensitivity


@pytest.mark.parametrize("level", [Sensitivity.PERSONAL, Sensitivity.RESTRICTED])
def test_a_masked_text_tells_neither_its_beginning_nor_its_length(level):
    assert masked_text("张三", level) == masked_text("李四丰在武当", level) == MASK


@pytest.mark.parametrize("level", [Sensitivity.PUBLIC, Sensitivity.INTERNAL])
def test_an_open_text_is_shown(level):
    assert masked_text("污染环境罪", level) == "污染环境罪"


@pytest.mark.parametrize("level", ["personal", "restricted"])
def test_what_stands_inside_a_masked_field_is_hidden_whatever_its_own_level(level):
    inner = {"type": "record", "fields": [{"name": "a", "type": "string", "sensitivity": "public"}]}
    field = {"name": "f", "type": {"type": "array", "items": inner}, "sensitivity": level}
    assert masked([{"a": "secret"}], field) == f"[1] a={MASK}"


def test_a_masked_field_inside_an_open_one_is_hidden_alone():
    name = {"name": "name", "type": "string", "sensitivity": "personal"}
    role = {"name": "role", "type": "string", "sensitivity": "public"}
    field = {"name": "f", "type": {"type": "record", "fields": [name, role]}, "sensitivity": "public"}
    assert masked({"name": "张三", "role": "suspect"}, field) == f"name={MASK}, role=suspect"


def test_what_does_not_say_its_sensitivity_and_what_no_contract_knows_is_hidden():
    assert masked("secret", {"name": "f", "type": "string"}) == MASK
    field = {"name": "f", "type": {"type": "record", "fields": []}, "sensitivity": "public"}
    assert masked({"unknown": "secret"}, field) == f"unknown={MASK}"


def test_a_reason_keeps_what_was_expected_and_loses_what_was_found():
    told = "transfer.sent: items_count: expected a number from 0, got '张三'"
    assert without_values(told) == "transfer.sent: items_count: expected a number from 0"
