"""A department decides on a mirrored opinion by a form: one event through the ordinary way in, for its own only."""

from __future__ import annotations

import re
import uuid

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from sqlalchemy import select

from consumers.console.desk import UnsaidError
from infra.deciding import Decisions
from infra.settings import Settings
from infra.speaking import Sayings
from infra.tables import console_audit, mirrors
from schemas.codec import decode
from schemas.envelope import read_headers
from schemas.topics import GATEWAY
from tests.consumers.console.conftest import NOW

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
TIME = NOW.isoformat(timespec="seconds")


@pytest.fixture
def settings(kafka):
    made = Settings(bootstrap=kafka, namespace=f"t{uuid.uuid4().hex[:10]}-")
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_topics([NewTopic(made.topics.ingress(GATEWAY), 1, 1)])
    admin.close()
    return made


@pytest.fixture
def pil(enter, copied, rulebook, clock, settings):
    """Somebody of by-pil, at a console that reaches the broker."""
    return enter(copied, "pil", deciding=Decisions(settings, rulebook.register, copied, clock))


def waiting(connector, *, of_pil: bool = True) -> list[uuid.UUID]:
    mine = mirrors.c.unit == "by-pil"
    with connector.connect() as connection:
        rows = select(mirrors.c.mirror_id).where(mine if of_pil else ~mine, mirrors.c.state == "copied")
        return list(connection.execute(rows).scalars())


def said(settings: Settings):
    partition = TopicPartition(settings.topics.ingress(GATEWAY), 0)
    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end, records = consumer.end_offsets([partition])[partition], []
    while len(records) < end:
        records.extend(one for batch in consumer.poll(1000).values() for one in batch)
    consumer.close()
    return records


def test_a_form_that_is_sent_twice_says_one_event_and_both_are_in_the_audit(pil, copied, settings):
    mirror = waiting(copied)[0]
    page = pil.get("/today").text
    assert f'action="/mirrors/{mirror}"' in page
    time = re.search(r'name="time" value="([^"]+)"', page)[1]
    for _ in range(2):
        answer = pil.post(f"/mirrors/{mirror}", decision="dismiss", time=time, reason="不属于法定领域。")
        assert (answer.status_code, answer.headers.get("location")) == (303, "/today?said=true#mirrors")
    [record] = said(settings)
    envelope = read_headers(record.headers)
    assert (envelope.source, envelope.type) == ("by-pil", "mirror.dismissed")
    assert decode(record.value).data["reason"] == "不属于法定领域。"
    with copied.connect() as connection:
        rows = select(console_audit.c.detail).where(console_audit.c.target == f"/mirrors/{mirror}")
        assert list(connection.execute(rows).scalars()) == ["不属于法定领域。"] * 2


def test_a_dismissal_without_a_reason_says_nothing(pil, copied, settings):
    answer = pil.post(f"/mirrors/{waiting(copied)[0]}", decision="dismiss", time=TIME, reason=" ")
    assert answer.status_code == 400
    assert "不予受理应当写明理由" in answer.text
    assert said(settings) == []


def test_another_departments_mirror_is_not_found(pil, copied, settings):
    foreign = waiting(copied, of_pil=False)[0]
    assert pil.post(f"/mirrors/{foreign}", decision="accept", time=TIME).status_code == 404
    assert said(settings) == []


def test_a_form_without_its_token_is_refused(pil, copied, settings):
    answer = pil.post(f"/mirrors/{waiting(copied)[0]}", decision="accept", time=TIME, csrf="x")
    assert answer.status_code == 403
    assert said(settings) == []


ITEM = {
    "id": "answer-1",
    "type": "consult.answered",
    "case": {"unit": "by-env", "number": "白环立〔2026〕77号"},
    "time": TIME,
    "data": {"addressee": "by-env", "consultation_no": "K-1", "answer": "够。"},
}


def test_what_a_form_says_twice_is_in_the_log_once_and_nothing_else_under_its_id(
    copied, rulebook, clock, settings
):
    sayings = Sayings(settings, rulebook.register, copied, clock)
    for _ in range(2):
        sayings.say("by-criminal", ITEM)
    with pytest.raises(UnsaidError) as conflicting:
        sayings.say("by-criminal", ITEM | {"data": {**ITEM["data"], "answer": "不够。"}})
    assert conflicting.value.words == "saying.conflict"
    [record] = said(settings)
    envelope = read_headers(record.headers)
    assert (envelope.source, envelope.id, envelope.type) == ("by-criminal", "answer-1", "consult.answered")


def test_what_the_bus_would_refuse_is_not_said(copied, rulebook, clock, settings):
    sayings = Sayings(settings, rulebook.register, copied, clock)
    with pytest.raises(UnsaidError, match="nobody") as refused:
        sayings.say("by-criminal", ITEM | {"id": "answer-2", "type": "nobody.says_this"})
    assert refused.value.words == "saying.refused"
    assert said(settings) == []
