"""A record that was not applied, sealed as intake would have sealed it, so that it is the same event in the log."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from consumers.intake.sealing import ROOT, sealed_record
from consumers.redrive.originals import Original
from infra.vault import vault_behind
from schemas.envelope import read_headers
from schemas.sealed.keys import of_case


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
