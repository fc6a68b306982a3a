"""Records as a publisher writes them that seals, in tests of what reads them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from infra.ingress_keys import renew
from infra.vault import vault_behind
from schemas.envelope import read_headers
from schemas.sealed.ingress import IngressKey, sealed_for


def new_ingress_key(engine: Engine, now: datetime) -> IngressKey:
    """An ingress key of the installation, made at `now`."""
    with engine.begin() as connection:
        vault = vault_behind(connection)
        assert vault is not None
        return renew(connection, vault, now)


def sealed_on_the_way_in(record: Any, key: IngressKey) -> Any:
    """A record, or what is on its way to be one, with its value sealed to `key`."""
    envelope = read_headers(record.headers)
    return replace(record, value=sealed_for(key, envelope, record.value, secrets.token_bytes))
