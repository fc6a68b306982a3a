"""Where notices are kept: publishing, reading, withdrawing. Each is one transaction and can be repeated."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert

from consumers.console.notices.addressing import Notice, Receipt
from consumers.readmodel import scope
from infra.document_store import DocumentStore
from infra.documents import keep_document
from infra.notice_tables import notice_files, notice_receipts, notices
from infra.tables import console_users
from schemas.identity import derived_id
from schemas.units import BUS_UNIT, Register

MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be published. `opened` is when its form was opened, so that a form is published once."""

    kind: str
    title: str
    body: str
    author: str
    unit: str | None
    units: tuple[str, ...]
    roles: tuple[str, ...]
    opened: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was received and lies at `file`."""

    name: str
    media_type: str
    digest: bytes
    size: int
    file: Path


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a notice; its content is in the document store."""

    n: int
    name: str
    media_type: str
    digest: bytes
    size: int


def publish(
    connection: Connection,
    store: DocumentStore | None,
    draft: Draft,
    uploads: Sequence[Upload],
    *,
    now: datetime,
) -> UUID:
    """Publishes the draft with its files unless that was done before; returns the notice's id. The caller commits.

    `store` may be None only without files.
    """
    notice_id = _id(draft, uploads)
    row = {
        "notice_id": notice_id,
        "kind": draft.kind,
        "title": draft.title,
        "body": draft.body,
        "author": draft.author,
        "unit": draft.unit,
        "units": list(draft.units),
        "roles": list(draft.roles),
        "published_at": now,
        "withdrawn_reason": "",
    }
    fresh = insert(notices).values(row).on_conflict_do_nothing().returning(notices.c.notice_id)
    if connection.execute(fresh).first() is not None and store is not None:
        for n, upload in enumerate(uploads):
            _attach(connection, store, notice_id, n, upload, unit=draft.unit, now=now)
    return notice_id


def _id(draft: Draft, uploads: Iterable[Upload]) -> UUID:
    files = [[one.name, one.digest.hex()] for one in uploads]
    told = [
        draft.opened,
        draft.kind,
        draft.title,
        draft.body,
        sorted(draft.units),
        sorted(draft.roles),
        files,
    ]
    return derived_id(draft.author, "notice", json.dumps(told, ensure_ascii=False))


def _attach(
    connection: Connection,
    store: DocumentStore,
    notice_id: UUID,
    n: int,
    upload: Upload,
    *,
    unit: str | None,
    now: datetime,
) -> None:
    keep_document(
        connection,
        store,
        upload.file,
        digest=upload.digest,
        unit=unit or BUS_UNIT,
        media_type=upload.media_type,
        now=now,
    )
    connection.execute(
        insert(notice_files).values(
            notice_id=notice_id,
            n=n,
            digest=upload.digest,
            name=upload.name,
            media_type=upload.media_type,
            size=upload.size,
        )
    )


def sign(connection: Connection, notice_id: UUID, *, user: str, unit: str, now: datetime) -> None:
    """The person has read the notice; the first time counts. The caller commits."""
    row = {"notice_id": notice_id, "user": user, "unit": unit, "read_at": now}
    connection.execute(insert(notice_receipts).values(row).on_conflict_do_nothing())


def withdraw(connection: Connection, notice_id: UUID, *, by: str, reason: str, now: datetime) -> None:
    """The notice no longer stands; the first withdrawal counts. The caller commits."""
    standing = and_(notices.c.notice_id == notice_id, notices.c.withdrawn_at.is_(None))
    gone = {"withdrawn_at": now, "withdrawn_by": by, "withdrawn_reason": reason}
    connection.execute(update(notices).where(standing).values(gone))


def latest(connection: Connection, unit: str | None, register: Register) -> list[Notice]:
    """The latest notices that `unit` may see."""
    rows = select(notices).where(scope.notices_for(unit, register))
    ordered = rows.order_by(notices.c.published_at.desc(), notices.c.notice_id).limit(MOST_LISTED)
    return [_notice(row) for row in connection.execute(ordered)]


def notice_of(connection: Connection, unit: str | None, notice_id: UUID, register: Register) -> Notice | None:
    """One notice; None if `unit` may not see it."""
    wanted = notices.c.notice_id == notice_id, scope.notices_for(unit, register)
    row = connection.execute(select(notices).where(*wanted)).one_or_none()
    return None if row is None else _notice(row)


def receipts(connection: Connection, notice_ids: Iterable[UUID]) -> Mapping[UUID, list[Receipt]]:
    """Who has read these notices, in the order of reading."""
    ids = list(notice_ids)
    shown = func.coalesce(console_users.c.shown, notice_receipts.c.user).label("shown")
    named = notice_receipts.outerjoin(console_users, console_users.c.name == notice_receipts.c.user)
    rows = select(notice_receipts, shown).select_from(named).where(notice_receipts.c.notice_id.in_(ids))
    found: dict[UUID, list[Receipt]] = {one: [] for one in ids}
    for row in connection.execute(rows.order_by(notice_receipts.c.read_at, notice_receipts.c.user)):
        found[row.notice_id].append(Receipt(row.user, row.shown, row.unit, row.read_at))
    return found


def files(connection: Connection, notice_id: UUID) -> list[Attached]:
    """What is attached to a notice."""
    rows = select(notice_files).where(notice_files.c.notice_id == notice_id).order_by(notice_files.c.n)
    return [
        Attached(row.n, row.name, row.media_type, row.digest, row.size) for row in connection.execute(rows)
    ]


def unread(connection: Connection, unit: str, register: Register) -> int:
    """How many standing notices are for `unit`, and nobody of it has read."""
    read = select(notice_receipts.c.notice_id).where(notice_receipts.c.unit == unit)
    wanted = (
        scope.notices_for(unit, register),
        notices.c.unit.is_distinct_from(unit),
        notices.c.withdrawn_at.is_(None),
        notices.c.notice_id.not_in(read),
    )
    return connection.execute(select(func.count()).select_from(notices).where(*wanted)).scalar_one()


def _notice(row: Any) -> Notice:
    return Notice(
        id=row.notice_id,
        kind=row.kind,
        title=row.title,
        body=row.body,
        author=row.author,
        unit=row.unit,
        units=tuple(row.units),
        roles=tuple(row.roles),
        published_at=row.published_at,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_reason=row.withdrawn_reason,
    )
