"""Requests to destroy the key of a case: asked by one person, carried out or refused by another. Blocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, delete, exists, func, insert, select, update

from infra.audit import Entry, enter
from infra.import_tables import import_rows
from infra.tables import document_mentions, documents, events
from infra.vault import vault_behind
from infra.vault_tables import key_destructions, subject_keys
from schemas.sealed.keys import of_case, of_document
from schemas.units import BUS_UNIT

ASKED, DESTROYED, REFUSED = "asked", "destroyed", "refused"
SHORTEST_REASON = 4
LONGEST_REASON = 2000
LONGEST_NAME = 60

_r = key_destructions.c


class ShredError(Exception):
    """What was asked for cannot be done; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, and what became of it."""

    id: UUID
    case_id: UUID
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    state: str


def ask(
    connection: Connection, request_id: UUID, case_id: UUID, *, by: str, reason: str, now: datetime
) -> None:
    """Ask that the key of a case be destroyed. The caller commits. Raises ShredError."""
    _check_name(by)
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise ShredError(f"须写明理由 — give a reason of {SHORTEST_REASON} to {LONGEST_REASON} characters")
    key = subject_keys.c
    row = connection.execute(select(key.destroyed_at).where(key.subject == of_case(case_id))).one_or_none()
    if row is None:
        raise ShredError(f"案件{case_id}没有密钥 — case {case_id} has no key: nothing of it was ever sealed")
    if row.destroyed_at is not None:
        raise ShredError(f"密钥已销毁 — the key was destroyed {row.destroyed_at.isoformat()}")
    connection.execute(
        insert(key_destructions).values(
            request_id=request_id,
            case_id=case_id,
            reason=reason.strip(),
            asked_by=by.strip(),
            asked_at=now,
            state=ASKED,
        )
    )
    enter(connection, _entry(by, ASKED, case_id, reason), now=now)


def confirm(connection: Connection, request_id: UUID, *, by: str, now: datetime) -> Request:
    """Destroy the key, for ever. Only somebody else than who asked may. The caller commits. Raises ShredError.

    With it goes what imported sheets still hold of the case's events, and the keys of documents that no event of
    another case names; the index of what events name must be up to date (`consumers.readmodel.mentions`).
    """
    request = _open(connection, request_id)
    _check_name(by)
    if by.strip().casefold() == request.asked_by.casefold():
        raise ShredError(f"须由他人确认 — {request.asked_by} asked for it: somebody else has to confirm")
    subject = of_case(request.case_id)
    erased = (
        update(subject_keys)
        .where(subject_keys.c.subject == subject, subject_keys.c.wrapped.is_not(None))
        .values(wrapped=None, destroyed_at=now)
    )
    connection.execute(erased)
    _erase_documents(connection, request.case_id)
    said = exists().where(
        events.c.case_id == request.case_id,
        events.c.source == import_rows.c.unit,
        events.c.event_id == import_rows.c.event_id,
    )
    connection.execute(update(import_rows).where(said).values(cells=None, events=None))
    vault = vault_behind(connection)
    if vault is not None:
        vault.forget(subject)
    return _decide(connection, request, DESTROYED, by, now)


def _erase_documents(connection: Connection, case_id: UUID) -> None:
    """A document has no key afterwards, not a destroyed one: whoever sends it again for another case may."""
    named = (
        select(document_mentions.c.digest, events.c.case_id)
        .join(
            events,
            and_(
                events.c.partition == document_mentions.c.partition,
                events.c.log_offset == document_mentions.c.log_offset,
            ),
        )
        .subquery()
    )
    own = select(named.c.digest).where(named.c.case_id == case_id)
    elsewhere = select(named.c.digest).where(named.c.case_id != case_id)
    digests = connection.execute(own.except_(elsewhere)).scalars().all()
    subjects = [of_document(digest) for digest in digests]
    connection.execute(delete(subject_keys).where(subject_keys.c.subject.in_(subjects)))
    connection.execute(delete(documents).where(documents.c.digest.in_(digests)))


def refuse(connection: Connection, request_id: UUID, *, by: str, now: datetime) -> Request:
    """Leave the key as it is. The caller commits. Raises ShredError."""
    _check_name(by)
    return _decide(connection, _open(connection, request_id), REFUSED, by, now)


def in_the_clear(connection: Connection, case_id: UUID) -> int:
    """How many events of a case are from before there was a key: destroying it leaves them readable."""
    rooted = func.convert_from(events.c.headers, "UTF8").contains('["ce_fieldroot"')
    wanted = select(func.count()).where(events.c.case_id == case_id, events.c.source != BUS_UNIT, ~rooted)
    return int(connection.execute(wanted).scalar_one())


def requests(connection: Connection, *, limit: int = 100) -> list[Request]:
    """The latest requests, the newest first."""
    rows = connection.execute(select(key_destructions).order_by(_r.asked_at.desc()).limit(limit))
    return [_request(row) for row in rows]


def _open(connection: Connection, request_id: UUID) -> Request:
    wanted = select(key_destructions).where(_r.request_id == request_id).with_for_update()
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise ShredError(f"没有该申请 — there is no request {request_id}: see `linkage vault requests`")
    if row.state != ASKED:
        raise ShredError(f"该申请已处理 — request {request_id} is {row.state} already, by {row.decided_by}")
    return _request(row)


def _decide(connection: Connection, request: Request, state: str, by: str, now: datetime) -> Request:
    decided = update(key_destructions).where(_r.request_id == request.id)
    connection.execute(decided.values(state=state, decided_by=by.strip(), decided_at=now))
    enter(connection, _entry(by, state, request.case_id, request.reason), now=now)
    (row,) = connection.execute(select(key_destructions).where(_r.request_id == request.id))
    return _request(row)


def _entry(by: str, state: str, case_id: UUID, reason: str) -> Entry:
    what = f"key-destruction-{state}"
    return Entry(by.strip(), "change", what, f"case {case_id}", case_id=case_id, detail=reason)


def _check_name(by: str) -> None:
    if not by.strip() or len(by) > LONGEST_NAME:
        raise ShredError(f"须注明操作人 — say who you are, in at most {LONGEST_NAME} characters (--by)")


def _request(row: Any) -> Request:
    return Request(
        id=row.request_id,
        case_id=row.case_id,
        reason=row.reason,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        state=row.state,
    )
