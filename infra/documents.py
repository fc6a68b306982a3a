"""Which documents there are, who sent them, and taking back those that nothing came to name."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from infra.document_store import DocumentStore
from infra.notice_tables import notice_files
from infra.tables import document_mentions, documents


def record_document(
    engine: Engine,
    store: DocumentStore,
    file: Path,
    *,
    digest: bytes,
    unit: str,
    media_type: str,
    now: datetime,
) -> bool:
    """Puts a verified file into the store and on record as sent by `unit`; False if that is on record already.

    Blocks. The file is gone afterwards. Holds off `drop_unnamed` for this document meanwhile.
    """
    with engine.begin() as connection:
        return keep_document(
            connection, store, file, digest=digest, unit=unit, media_type=media_type, now=now
        )


def keep_document(
    connection: Connection,
    store: DocumentStore,
    file: Path,
    *,
    digest: bytes,
    unit: str,
    media_type: str,
    now: datetime,
) -> bool:
    """The same in a transaction of the caller, in which it may also write down what names the document."""
    row = {
        "digest": digest,
        "unit": unit,
        "size": file.stat().st_size,
        "media_type": media_type,
        "stored_at": now,
    }
    _hold(connection, digest)
    store.keep(digest, file)
    fresh = insert(documents).values(row).on_conflict_do_nothing().returning(documents.c.unit)
    return connection.execute(fresh).first() is not None


def drop_unnamed(engine: Engine, store: DocumentStore, *, before: datetime) -> int:
    """Drops every document that was sent before a time and that no applied event and no notice names. Blocks.

    The index of what events name must be up to date. Returns how many were dropped.
    """
    dropped = 0
    for digest in store.digests(before=before):
        with engine.begin() as connection:
            _hold(connection, digest)
            named = exists().where(document_mentions.c.digest == digest)
            attached = exists().where(notice_files.c.digest == digest)
            young = exists().where(documents.c.digest == digest, documents.c.stored_at >= before)
            if not connection.execute(select(named | attached | young)).scalar_one():
                connection.execute(delete(documents).where(documents.c.digest == digest))
                store.drop(digest)
                dropped += 1
    return dropped


def _hold(connection: Connection, digest: bytes) -> None:
    """Nobody else records or drops this document until the transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(digest.hex(), 0))))
