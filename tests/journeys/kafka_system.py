"""Agencies' systems that speak over Kafka: one that does it well with our publisher, one by hand that does much of it wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx
from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import OffsetAndMetadata

from infra.dev.supervisor import Dev
from producers.ingress import GatewayIngress
from producers.publisher import Publisher
from producers.records import Record, Statement, record_of
from schemas import codec
from tests.infra.test_dev import until

SECONDS = 40.0
LETTER = b"%PDF-1.7 transfer letter"
NUMBER = "认证〔2026〕2号"
FOREIGN = ("认证〔2026〕3号", "hd-market")
"""A case of another district, which is none of the unit's business."""


class Agency:
    """What both systems share: who they are, their way to the gateway, and reading in a group."""

    def __init__(self, dev: Dev, unit: str) -> None:
        self.unit = unit
        self.dev = dev
        self.http = httpx.Client(
            base_url=dev.gateway, headers={"Authorization": f"Bearer {dev.keys[unit]}"}, timeout=SECONDS
        )

    def statement(
        self, name: str, type_: str = "lead.found", at: datetime | None = None, **data: Any
    ) -> Statement:
        return Statement(type_, NUMBER, at or datetime.now(UTC), data, id=f"certk-{self.unit}-{name}")

    def learns_that_it_was_set_aside(self, name: str) -> None:
        path = f"/v1/events/{self.unit}/certk-{self.unit}-{name}"
        until(lambda: bool(self.http.get(path).json().get("quarantined")), seconds=SECONDS)

    @contextmanager
    def reading(self, group: str) -> Iterator[KafkaConsumer]:
        """A member of the group that has read something and committed it."""
        settings = self.dev.settings
        consumer = KafkaConsumer(
            settings.topics.feed(self.unit),
            bootstrap_servers=settings.bootstrap.split(","),
            group_id=settings.namespace + group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        with closing(consumer):
            until(lambda: bool(consumer.poll(timeout_ms=500)), seconds=SECONDS)
            consumer.commit()
            yield consumer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()


class CarefulAgency(Agency):
    """Says and reads as it should, sealed to the ingress key."""

    def says_everything(self) -> None:
        with self._publisher() as self._says:
            self._says_what_happens()
            self._learns_what_was_refused()
            self._sends_a_document()

    def acknowledges_everything(self) -> None:
        page = self.http.get("/v1/feeds/me", params={"after": 0}).json()
        self.http.post("/v1/feeds/me/ack", json={"seq": page["next"]}).raise_for_status()

    def _publisher(self, ahead: timedelta = timedelta()) -> Publisher:
        settings = self.dev.settings
        return Publisher(
            self.unit,
            settings.bootstrap,
            register=self.dev.register,
            names=settings.topics,
            ingress=GatewayIngress(self.dev.gateway, self.dev.keys[self.unit]),
            clock=lambda: datetime.now(UTC) + ahead,
        )

    def _publishes(
        self, name: str, type_: str = "lead.found", at: datetime | None = None, **data: Any
    ) -> None:
        self._says.send(self.statement(name, type_, at, **data)).result()

    def _says_what_happens(self) -> None:
        self._publishes("sent", "transfer.sent", addressee="by-police", offence="非法经营罪")
        for name in ("one", "two"):
            self._publishes(name, summary=name)
        repeated = self.statement("three", summary="three")
        for _ in range(2):
            self._says.send(repeated).result()
        self._publishes("late", at=datetime.now(UTC) - timedelta(days=3), summary="late")

    def _learns_what_was_refused(self) -> None:
        self._publishes("one", summary="changed")
        self.learns_that_it_was_set_aside("one")
        self._publishes("one-b", summary="changed")
        one, other = self.statement("one").id, self.statement("one-b").id
        taken_back = {"regarding_source": self.unit, "regarding_id": one, "replacement_id": other}
        self._publishes("correction", "case.corrected", reason="录入错误", **taken_back)
        number, unit = FOREIGN
        foreign = Statement("lead.found", number, datetime.now(UTC), {}, id=f"certk-{unit}", case_unit=unit)
        self._says.send(foreign).result()
        with self._publisher(ahead=timedelta(hours=1)) as ahead:
            ahead.send(self.statement("ahead", at=datetime.now(UTC) + timedelta(hours=1))).result()
        self.learns_that_it_was_set_aside("ahead")
        self._publishes("ahead")

    def _sends_a_document(self) -> None:
        digest = hashlib.sha256(LETTER).hexdigest()
        media = {"Content-Type": "application/pdf"}
        self.http.put(f"/v1/documents/{digest}", content=LETTER, headers=media).raise_for_status()
        letter = {"kind": "涉嫌犯罪案件移送书", "title": "移送书", "sha256": digest, "seal": "electronic"}
        self._publishes("with-letter", summary="with a letter", documents=[letter])


class CarelessAgency(Agency):
    """Writes by hand, in the clear, with a producer that numbers nothing, and looks at no answer."""

    def writes_what_it_should_not(self) -> None:
        settings = self.dev.settings
        options = {"bootstrap_servers": settings.bootstrap.split(","), "enable_idempotence": False}
        with closing(KafkaProducer(acks="all", **options)) as self._producer:
            self._writes_everything()

    def _writes_everything(self) -> None:
        now = datetime.now(UTC)
        self._writes(self._record("sent", "transfer.sent", now, addressee="by-police", offence="非法经营罪"))
        self._writes(self._record("one", at=now, summary="one"))
        self._writes(self._record("one-again", at=now, summary="one"))
        self._writes(self._record("earlier", at=now - timedelta(hours=2), summary="earlier"))
        self._writes(self._record("soon", at=datetime.now(UTC) + timedelta(minutes=3), summary="soon"))
        changed = self._record("one", at=now, summary="changed")
        self._writes(changed)
        self.learns_that_it_was_set_aside("one")
        self._writes(changed)
        wrong = self._record("no-key", at=now)
        for _ in range(2):
            self._writes(wrong, key=b"no case")
        self._writes(self._record("framing", at=now), value=b"{}")
        foreign = self._record("foreign", "filing.accepted", now, filing_no="1")
        for _ in range(2):
            self._writes(foreign)
        taken_back = {"regarding_source": self.unit, "regarding_id": "unknown", "reason": "录入错误"}
        self._writes(self._record("correction", "case.corrected", now, **taken_back))
        letter = {"kind": "移送书", "title": "移送书", "sha256": "ab" * 32, "seal": "electronic"}
        self._writes(self._record("with-letter", at=now, documents=[letter]))

    def goes_back(self, consumer: KafkaConsumer) -> None:
        """Reads everything anew from the next start on."""
        consumer.commit({partition: OffsetAndMetadata(0, "", -1) for partition in consumer.assignment()})

    def _record(
        self, name: str, type_: str = "lead.found", at: datetime | None = None, **data: Any
    ) -> Record:
        return record_of(self.statement(name, type_, at, **data), unit=self.unit, encode=codec.encode)

    def _writes(self, record: Record, *, key: bytes | None = None, value: bytes | None = None) -> None:
        topic = self.dev.settings.topics.ingress(self.unit)
        sent = self._producer.send(topic, value or record.value, key or record.key, record.headers)
        sent.get(timeout=SECONDS)
