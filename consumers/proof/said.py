"""Stating what a unit has said in a period: what of it was applied, in which order, and what was not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from consumers.casework.records import unpack_headers
from consumers.proof.signing import instant
from consumers.views.cutting import CaseKeys
from infra.signing_key import Signer
from infra.tables import events, quarantine
from infra.vault import case_keys
from schemas.codec import decode, write
from schemas.digests import digest
from schemas.envelope import read_headers
from schemas.said import SaidStatement, digest_of
from schemas.sealed.values import opened_data

MOST_STATED = 50_000
"""Events in one statement: whoever said more asks for shorter periods."""

_e, _q = events.c, quarantine.c


class TooMuchSaid(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """More was said in the period than one statement holds."""


def said_statement(
    connection: Connection, unit: str, *, since: datetime, until: datetime, namespace: str
) -> SaidStatement:
    """What the bus took of `unit` from `since` to before `until`, by the append times of the log. Unsigned.

    Digests are those of the events as the unit said them, also of sealed ones; empty where the key was destroyed.
    Raises TooMuchSaid.
    """
    applied = (
        select(_e.event_id, _e.digest, _e.headers, _e.value, _e.case_id)
        .where(_e.source == unit, _e.recorded_at >= since, _e.recorded_at < until)
        .order_by(_e.recorded_at, _e.partition, _e.log_offset)
    )
    aside = (
        select(_q.event_id, _q.kind, _q.reason)
        .where(_q.owner == unit, _q.recorded_at >= since, _q.recorded_at < until)
        .order_by(_q.recorded_at, _q.topic, _q.partition, _q.log_offset)
    )
    rows = _rows(connection, applied)
    keys = case_keys(connection, {row.case_id for row in rows})
    taken = [(row.event_id, _as_said(row, keys)) for row in rows]
    left = [(row.event_id or "", row.kind, row.reason) for row in _rows(connection, aside)]
    return SaidStatement(
        namespace=namespace,
        unit=unit,
        since=instant(since),
        until=instant(until),
        count=len(taken),
        digest=digest_of(taken),
        set_aside=len(left),
        aside_digest=digest_of(left),
        applied=taken,
        aside=left,
    )


def signed_said(statement: SaidStatement, signer: Signer, *, now: datetime) -> SaidStatement:
    """The statement with the bus's signature over it."""
    told = replace(statement, signed_at=instant(now), public_key=signer.public.hex(), signature="")
    return replace(told, signature=signer.sign(told.text).hex())


def _as_said(row: Any, keys: CaseKeys) -> str:
    envelope = read_headers(unpack_headers(row.headers))
    if not envelope.field_root or row.case_id not in keys:
        return str(row.digest.hex())
    key = keys[row.case_id]
    if key is None:
        return ""
    data = opened_data(envelope, decode(row.value).data, key.opening)
    return digest(envelope, write(envelope.type, data)).hex()


def _rows(connection: Connection, wanted: Any) -> list[Any]:
    rows = connection.execute(wanted.limit(MOST_STATED + 1)).all()
    if len(rows) > MOST_STATED:
        raise TooMuchSaid(f"more than {MOST_STATED} events in this period: ask for a shorter one")
    return list(rows)
