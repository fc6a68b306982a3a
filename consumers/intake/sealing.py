"""Sealing what units wrote in the clear before it enters the log or the dead letters; the gateway seals its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from consumers.casework.records import append_time
from consumers.intake.checking import dead_letter
from consumers.intake.opening import Opened
from consumers.views.contents import without_values
from infra.batches import Outgoing, Record
from infra.vault import Keys, vault_behind
from schemas.admission import Reason, Refusal
from schemas.envelope import EnvelopeError, read_headers
from schemas.sealed.keys import SubjectKey, of_case, of_unit
from schemas.sealed.values import sealed_blob, sealed_value
from schemas.topics import GATEWAY, TopicNames

ROOT = "ce_fieldroot"
"""The header that a sealed event has, and no other."""

AnyHeaders = Sequence[tuple[str, bytes | None]]
_DESTROYED = "the key of this case was destroyed: nothing is taken for it any more"
_CLEAR = "personal data in the clear: seal it to the key of GET /v1/ingress-key, or say it to the gateway"
_TELLING = ("linkage-detail", "__streams.errors.message")


def sealed_record(
    value: bytes, headers: AnyHeaders, key: SubjectKey, open_words: Collection[str]
) -> tuple[bytes, list[tuple[str, bytes | None]]]:
    """Value and headers of an admitted record, sealed. The same record gives the same bytes. Pure."""
    envelope, sealed = sealed_value(read_headers(headers), value, key, open_words)
    kept = [(name, raw) for name, raw in headers if name != ROOT]
    return sealed, [*kept, (ROOT, envelope.field_root.encode())]


@dataclass(frozen=True, slots=True)
class IntakeSealer:
    """Seals what intake is about to send, if the installation has keys. Blocks.

    `clear`: whether units may write in the clear at all.
    """

    engine: Engine
    open_words: Collection[str]
    topics: TopicNames
    clear: bool

    def __call__(self, records: Sequence[Record], judged: Sequence[Outgoing]) -> list[Outgoing]:
        """What becomes of each record, by what was judged. Raises what the database raises, and UnknownMasterError."""
        pairs = list(zip(records, judged, strict=True))
        subjects = {subject for pair in pairs if (subject := self._subject(*pair)) is not None}
        if not subjects:
            return list(judged)
        with self.engine.begin() as connection:
            vault = vault_behind(connection)
            if vault is None:
                return list(judged)
            now = append_time(records[-1])
            keys = vault.issued(connection, subjects, now)
            owners = {of_unit(self.topics.ingress_owner(record.topic)) for record in records}
            keys = (
                {**keys, **vault.issued(connection, owners, now)} if self._sets_aside(keys, judged) else keys
            )
        return [self._sealed(record, one, keys) for record, one in pairs]

    def _sets_aside(self, keys: Keys, judged: Iterable[Outgoing]) -> bool:
        refused = any(one.topic == self.topics.dead_letters for one in judged)
        return refused or not self.clear or None in keys.values()

    def _subject(self, record: Record, one: Outgoing) -> str | None:
        """Whose key it takes; None for what needs none."""
        if one.value is None:
            return None
        if one.topic == self.topics.dead_letters:
            try:
                return of_case(read_headers(record.headers).subject)
            except (EnvelopeError, OverflowError):
                return of_unit(self.topics.ingress_owner(record.topic))
        owner = self.topics.ingress_owner(record.topic)
        if owner == GATEWAY and any(name == ROOT for name, _ in one.headers):
            return None
        return of_case(read_headers(record.headers).subject)

    def _sealed(self, record: Record, one: Outgoing, keys: Keys) -> Outgoing:
        subject = self._subject(record, one)
        if subject is None or one.value is None:
            return one
        if one.topic == self.topics.dead_letters:
            return self._set_aside(record, one, subject, keys)
        key = keys[subject]
        if key is None:
            return self._refused(record, Reason.DESTROYED, _DESTROYED, subject, keys)
        owner = self.topics.ingress_owner(record.topic)
        if not self.clear and owner != GATEWAY and not isinstance(record, Opened):
            return self._refused(record, Reason.CLEAR, _CLEAR, subject, keys)
        value, headers = sealed_record(one.value, one.headers, key, self.open_words)
        return one._replace(value=value, headers=headers)

    def _refused(self, record: Record, reason: Reason, why: str, subject: str, keys: Keys) -> Outgoing:
        refusal = Refusal(reason, why, read_headers(record.headers))
        owner = self.topics.ingress_owner(record.topic)
        letter = dead_letter(record, refusal, owner=owner, topic=self.topics.dead_letters)
        return self._set_aside(record, letter, subject, keys)

    def _set_aside(self, record: Record, letter: Outgoing, subject: str, keys: Keys) -> Outgoing:
        """The dead letter with its value sealed as a whole, and a reason that quotes nothing of it."""
        key = keys[subject]
        if key is None:
            subject = of_unit(self.topics.ingress_owner(record.topic))
            key = keys[subject]
        if key is None or letter.value is None:
            return letter._replace(value=None)
        headers = [
            (name, without_values(raw.decode()).encode() if raw is not None and name in _TELLING else raw)
            for name, raw in letter.headers
        ]
        return letter._replace(value=sealed_blob(letter.value, subject, key), headers=headers)
