"""A record that was not applied, opened and sealed as intake would have, so that it is the same event in the log."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from consumers.intake.opening import opened_value
from consumers.intake.sealing import ROOT, sealed_record
from consumers.redrive.originals import Original
from infra.ingress_keys import Openings
from infra.vault import vault_behind
from schemas.admission import Refusal
from schemas.envelope import read_headers
from schemas.sealed.keys import of_case


def opened_original(connection: Connection, record: Original) -> tuple[Original, Refusal | None]:
    """The record as its unit meant it if it was sealed to an ingress key, and why it does not open if it does not."""
    openings = Openings(lambda: nullcontext(connection)).of([record.value])
    value = opened_value(record.value, record.headers, openings, record.said_at)
    return (record, value) if isinstance(value, Refusal) else (replace(record, value=value), None)


def sealed_original(
    connection: Connection, record: Original, open_words: Collection[str], now: datetime
) -> Original:
    """The record for the log. As it is if the installation seals nothing, it is sealed, or its key was destroyed."""
    vault = vault_behind(connection)
    if vault is None or record.value is None or any(name == ROOT for name, _ in record.headers):
        return record
    subject = of_case(read_headers(record.headers).subject)
    key = vault.issued(connection, [subject], now)[subject]
    if key is None:
        return record
    value, headers = sealed_record(record.value, record.headers, key, open_words)
    return replace(record, value=value, headers=headers)
