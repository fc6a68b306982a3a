"""CloudEvents over HTTP: structured, batched and binary say the very same event as the bus's own JSON."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.problems import MALFORMED, ProblemError
from producers.gateway.cloudevents import BATCH, STRUCTURED, event_in, from_headers
from producers.gateway.statements import statement_of
from schemas.identity import case_id

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

CASE = "白环移〔2026〕17号"


def cloud(event_id, **changes):
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "by-env",
        "type": "transfer.sent",
        "time": "2026-03-11T09:30:00+08:00",
        "origincase": CASE,
        "field": "environment",
        "data": {"addressee": "by-police", "offence": "污染环境罪"},
    } | changes


def post(client, body, media):
    return client.post("/v1/events", json=body, headers={"Content-Type": media})


def test_all_three_modes_give_the_receipt_of_the_same_event(client, event):
    first = client.post("/v1/events", json=event).json()
    same = cloud(event["id"], subject=str(case_id("by-env", CASE)))
    structured = post(client, same, STRUCTURED)
    batch = post(client, [same], BATCH)
    headers = {f"ce-{name}": quote(value) for name, value in same.items() if isinstance(value, str)}
    binary = client.post("/v1/events", json=same["data"], headers=headers)
    assert [structured.status_code, batch.status_code, binary.status_code] == [200, 207, 200]
    assert structured.json() == binary.json() == batch.json()["items"][0]["receipt"] == first


@pytest.mark.parametrize(
    ("change", "attribute"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"id": ""}, "id"),
        ({"origincase": None}, "origincase"),
        ({"subject": "another case"}, "subject"),
        ({"datacontenttype": "application/avro"}, "datacontenttype"),
        ({"data_base64": "AAAA"}, "data_base64"),
        ({"tracestate": "a=b"}, "tracestate"),
        ({"time": "yesterday"}, "time"),
        ({"timeprecision": "roughly"}, "timeprecision"),
        ({"operator": "x" * 400}, "operator"),
    ],
)
def test_a_wrong_attribute_is_named_as_cloudevents_name_it(shared_client, change, attribute):
    answer = post(shared_client, cloud("wrong", **change), STRUCTURED)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == attribute
    assert answer.json()["detail"].startswith(f"{attribute}:")


def test_a_foreign_source_is_forbidden_in_every_mode(shared_client):
    foreign = cloud("f", source="by-market")
    headers = {f"ce-{name}": quote(value) for name, value in foreign.items() if isinstance(value, str)}
    assert post(shared_client, foreign, STRUCTURED).status_code == 403
    assert post(shared_client, [foreign], BATCH).json()["items"][0]["status"] == 403
    assert shared_client.post("/v1/events", json=foreign["data"], headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("body", "media"), [([cloud("l")], STRUCTURED), (cloud("o"), BATCH), (7, STRUCTURED)]
)
def test_one_is_not_taken_for_many(shared_client, body, media):
    assert post(shared_client, body, media).status_code == 422


def test_a_header_given_twice_is_refused():
    with pytest.raises(ProblemError, match="given twice"):
        from_headers([("ce-id", "1"), ("ce-id", "2")], {})


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)
def test_any_text_comes_through_the_headers_as_it_was(case, operator):
    event = cloud("x", origincase=case, operator=operator)
    headers = [
        (f"CE-{name}", quote(value, safe="")) for name, value in event.items() if isinstance(value, str)
    ]
    binary = event_in(from_headers(headers, event["data"]), unit="by-env")
    assert binary == event_in(event, unit="by-env")
    assert statement_of(binary, unit="by-env").case_number == case


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_whatever_is_no_cloudevent_is_malformed_and_nothing_worse(anything):
    with pytest.raises(ProblemError) as refused:
        event_in(anything, unit="by-env")
    assert refused.value.problem is MALFORMED
