"""Records shown as they come: what is sealed in them is a short mark, or the token if it is asked for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from infra.cli.watching import SEALED, as_object
from schemas.envelope import read_headers
from schemas.sealed.tokens import is_token
from schemas.sealed.values import sealed_value
from tests.consumers.casework.logged import MORNING
from tests.consumers.intake.test_checking import logged
from tests.faults.scripts import AG, PSB
from tests.faults.sendings import sending
from tests.schemas.sealed.test_payloads import key_of

PARTY = {"name": "陈某某", "kind": "natural_person", "id_no": "4401", "role": "犯罪嫌疑人"}


@pytest.fixture
def record():
    data = {"addressee": PSB, "parties": [PARTY], "summary": "三月十日"}
    said = sending(AG, "transfer.sent", "1", case=(AG, "案1"), at=MORNING, data=data)
    envelope = read_headers(said.headers)
    _, value = sealed_value(envelope, said.value or b"", key_of(envelope.subject), ())
    return logged(replace(said, value=value))


@pytest.mark.parametrize("language", SEALED)
def test_a_sealed_text_is_a_mark_wherever_it_stands_and_the_rest_is_readable(record, language):
    data = json.loads(as_object(record, sealed=SEALED[language]))["data"]
    assert data["summary"] == data["parties"][0]["name"] == SEALED[language]
    assert (data["addressee"], data["parties"][0]["kind"]) == (PSB, "natural_person")
    assert "sealed.1." not in json.dumps(data)


def test_raw_the_tokens_are_shown(record):
    data = json.loads(as_object(record))["data"]
    assert is_token(data["summary"])
