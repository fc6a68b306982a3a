"""The secrets that sign what is sent to webhooks, as the database keeps them: sealed if the installation seals."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from infra.boxes import box_of, new_box
from schemas.sealed.keys import of_webhooks


def secret_of(entropy: bytes) -> str:
    """The signing secret made of random bytes, in the form that Standard Webhooks libraries take."""
    return "whsec_" + base64.b64encode(entropy).decode()


def kept(connection: Connection, unit: str, secret: str, now: datetime) -> str:
    """What to keep of a secret for a webhook of `unit`. The caller commits. Blocks."""
    return new_box(connection, of_webhooks(unit), now).seal(secret)


def opened(connection: Connection, rows: Iterable[tuple[str, str]]) -> list[str]:
    """The secrets of rows of a unit and what is kept. Raises NotOpened for what was changed. Blocks."""
    told = list(rows)
    boxes = {unit: box_of(connection, of_webhooks(unit)) for unit in {unit for unit, _ in told}}
    return [boxes[unit].open(secret) for unit, secret in told]
