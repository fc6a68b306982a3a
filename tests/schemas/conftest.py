"""What tests of contracts share: payloads of any type made up by Hypothesis, and a record that may enter the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import strategies as st

from schemas import codec
from schemas.admission import Admitted, Refusal, admit
from schemas.catalogue import BY_NAME
from schemas.envelope import Envelope, write_headers
from schemas.generate import read_schemas
from schemas.identity import case_id
from schemas.payload import EARLIEST_MS, LATEST_MS
from schemas.units import Register

NOW = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)
SCHEMAS = read_schemas()


@pytest.fixture(scope="session")
def payloads() -> Callable[[str], st.SearchStrategy[dict[str, Any]]]:
    """event type → a strategy for its payloads, of every shape that the schema allows."""
    return lambda name: _record(SCHEMAS[BY_NAME[name].schema_id])


def _record(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    needed: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for field in schema["fields"]:
        (optional if "default" in field else needed)[field["name"]] = _values(field["type"], field)
    return st.fixed_dictionaries(needed, optional=optional)


def _values(kind: Any, field: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if isinstance(kind, list):
        return st.none() | _values(kind[1], field)
    if isinstance(kind, str):
        return _PRIMITIVES[kind](field)
    if "logicalType" in kind:
        return st.integers(EARLIEST_MS, LATEST_MS)
    if kind["type"] == "enum":
        return st.sampled_from(kind["symbols"])
    if kind["type"] == "array":
        return st.lists(_values(kind["items"], field), max_size=3)
    return _record(kind)


_TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_PRIMITIVES: dict[str, Callable[[Mapping[str, Any]], st.SearchStrategy[Any]]] = {
    "string": lambda field: st.text(_TEXT, max_size=min(field.get("maxLength", 30), 30)),
    "int": lambda field: st.integers(field.get("minimum", -(2**31)), field.get("maximum", 2**31 - 1)),
    "long": lambda field: st.integers(field["minimum"], field["maximum"]),
    "boolean": lambda _: st.booleans(),
    "bytes": lambda _: st.binary(max_size=50),
}


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
