"""What tests of contracts share: payloads of any type made up by Hypothesis, and a record that may enter the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import strategies as st

from schemas import codec
from schemas.admission import Admitted, Refusal, admit
from schemas.envelope import Envelope, write_headers
from schemas.identity import case_id
from schemas.units import Register
from tests.schemas.payloads import payloads_of

NOW = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def payloads() -> Callable[[str], st.SearchStrategy[dict[str, Any]]]:
    """event type → a strategy for its payloads, of every shape that the schema allows."""
    return payloads_of


@dataclass(frozen=True)
class Submission:
    """A record as it lies in an ingress topic, and how it is judged; admitted as it stands."""

    register: Register
    envelope: Envelope
    value: bytes | None
    headers: list[tuple[str, bytes | None]] | None = None
    key: bytes | None = b""
    owner: str = ""
    now: datetime = NOW
    max_bytes: int = 256 * 1024

    def but(self, **changes: Any) -> Submission:
        """The same with other parts; attributes of the envelope may be named too."""
        mine = {name: value for name, value in changes.items() if name in self.__dataclass_fields__}
        theirs = {name: value for name, value in changes.items() if name not in mine}
        return replace(self, envelope=replace(self.envelope, **theirs), **mine)

    def judged(self) -> Admitted | Refusal:
        return admit(
            key=str(self.envelope.subject).encode() if self.key == b"" else self.key,
            value=self.value,
            headers=write_headers(self.envelope) if self.headers is None else self.headers,
            owner=self.owner or self.envelope.source,
            register=self.register,
            now=self.now,
            max_bytes=self.max_bytes,
        )


@pytest.fixture
def submission(register: Register) -> Submission:
    """A transfer that by-env sends to by-police, in its own topic."""
    number = "白环移〔2026〕17号"
    envelope = Envelope(
        id="t-17",
        source="by-env",
        type="transfer.sent",
        subject=case_id("by-env", number),
        time=datetime(2026, 3, 11, 7, 30, tzinfo=UTC),
        origin_unit="by-env",
        origin_case=number,
        field="environment",
    )
    return Submission(register, envelope, codec.encode("transfer.sent", {"addressee": "by-police"}))
