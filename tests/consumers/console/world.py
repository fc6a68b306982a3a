"""A bus's database filled without a broker: the published cases and those of these days, folded, rung and numbered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Engine, insert

from consumers.casework.records import unpack_headers
from consumers.casework.transaction import Casework
from consumers.clock.ringing import ring_due
from consumers.feeds.numbering import begin_term, mark_published, number_next
from consumers.feeds.outbox import mark_sent, unsent
from consumers.intake.checking import partition_of
from consumers.rulebook import Rulebook
from infra.batches import Outgoing
from infra.demo.administration import administer
from infra.demo.bulletins import show_bulletins
from infra.demo.fresh import fresh_cases
from infra.demo.imports import bring_to
from infra.demo.notices import pin_on
from infra.demo.people import admit_on
from infra.demo.playing import plan
from infra.settings import Settings
from infra.tables import quarantine
from producers.histories import read_histories
from producers.records import Statement, record_of
from schemas.codec import encode
from schemas.identity import case_id
from tests.consumers.casework.logged import TOPIC, Log
from tests.consumers.test_published_cases import HISTORIES

PARTITIONS = 8
PASSWORD = "orchid-lantern-42"
"""Of everybody who may sign in."""
__all__ = ["World", "read_histories"]


def demonstrate(connector: Engine, settings: Settings, rulebook: Rulebook, now: datetime) -> None:
    """Fills the empty database that `settings` name with what `make demo` has at `now`, and lets its people in."""
    World(connector, rulebook, now).fill()
    show_bulletins(connector, TOPIC, rulebook.register, now=now)
    with connector.begin() as connection:
        admit_on(connection, rulebook.register, PASSWORD, now=now)
        pin_on(connection, rulebook.register, now=now)
    bring_to(connector, rulebook.register, settings, now=now)
    administer(connector, settings, rulebook.register, "http://console.test", now=now)


class World:
    """The installation; everything is reported an hour before `now`."""

    def __init__(self, engine: Engine, rulebook: Rulebook, now: datetime) -> None:
        self.engine = engine
        self.rulebook = rulebook
        self.now = now
        self._logs = [Log(TOPIC, n, began=now - timedelta(hours=1)) for n in range(PARTITIONS)]
        self._casework = Casework(engine, rulebook, self._reread, cached_events=60_000, topic=TOPIC)

    def fill(self) -> None:
        """The published cases, those of these days, one record that was refused; alarms rung, feeds numbered."""
        for play in plan(HISTORIES, self.rulebook.register):
            self.say((saying.unit, saying.statement) for saying in play.translation.sayings)
        self.say((said.unit, said.statement) for said in fresh_cases(self.now, self.rulebook.register))
        self.settle()
        self.refuse("by-market", "payload", "the payload does not decode: field `addressee` is missing")

    def say(self, said: Iterable[tuple[str, Statement]]) -> None:
        """Units say this, and casework applies it."""
        records = [record_of(statement, unit=unit, encode=encode) for unit, statement in said]
        self._apply(
            Outgoing(TOPIC, self._partition(one.envelope.subject), one.key, one.value, one.headers)
            for one in records
        )

    def settle(self) -> None:
        """The bus says what it has to say, and numbers what it delivers, until nothing is left."""
        while True:
            ring_due(self.engine)
            rows = unsent(self.engine)
            if not rows:
                break
            self._apply(
                Outgoing(
                    TOPIC,
                    self._partition(row.case_id),
                    str(row.case_id).encode(),
                    row.value,
                    unpack_headers(row.headers),
                )
                for row in rows
            )
            mark_sent(self.engine, rows)
        term = begin_term(self.engine)
        while (step := number_next(self.engine, PARTITIONS, term)).numbered:
            mark_published(self.engine, {entry.unit: entry.seq for entry in step.numbered})

    def refuse(self, owner: str, reason: str, detail: str, *, number: str = "白市监〔2026〕9号") -> None:
        """A record of `owner` that intake did not take."""
        with self.engine.begin() as connection:
            connection.execute(
                insert(quarantine).values(
                    topic=f"ingress-{owner}",
                    partition=0,
                    log_offset=int(self.now.timestamp()) % 1_000_000,
                    kind="refused",
                    reason=reason,
                    detail=detail,
                    owner=owner,
                    source=owner,
                    event_id="refused-1",
                    type="transfer.sent",
                    case_id=case_id(owner, number),
                    recorded_at=self.now - timedelta(minutes=5),
                    headers=b"[]",
                )
            )

    def _apply(self, records: Iterable[Outgoing]) -> None:
        added = [self._logs[one.partition].add(one)[0] for one in records]
        for log in self._logs:
            if batch := [record for record in added if record.partition == log.partition]:
                self._casework.apply(batch)

    def _partition(self, case: object) -> int:
        return partition_of(case, PARTITIONS)

    def _reread(self, topic: str, partition: int, start: int, end: int):
        return self._logs[partition].range(topic, partition, start, end)
