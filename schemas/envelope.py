"""The envelope of an event: CloudEvents 1.0 in binary mode, as Kafka record headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from urllib.parse import quote, unquote
from uuid import UUID

from schemas.spans import Precision, Span, parse_time, span_of

Headers = list[tuple[str, bytes]]

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/avro"
MAX_HEADER_BYTES = 1024
ID = re.compile(r"[\x21-\x7e]{1,128}")  # printable ASCII without spaces: an id travels in URLs and logs
_REQUIRED = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_originunit")


class EnvelopeError(ValueError):
    """Headers that are no complete envelope: the message names the header and what it must be."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who said what about which case, when it happened and in which connection.

    `time` is aware; `precision` says how much of it is known. `subject` is the case id, derived from
    `origin_unit` and `origin_case` (the case number people know). `causation` is the id of the event
    that this one answers; `correlation` groups a whole exchange.
    """

    id: str
    source: str
    type: str
    subject: UUID
    time: datetime
    origin_unit: str
    origin_case: str
    precision: Precision = Precision.SECOND
    dataschema: str = ""
    field: str = ""  # 领域
    operator: str = ""  # who in the unit acted; never a private person of the case
    classification: str = ""
    causation: str = ""
    correlation: str = ""
    traceparent: str = ""
    field_root: str = ""  # over the salted digests of the fields, if the event is sealed (docs/sealing.md)

    @property
    def span(self) -> Span:
        """The instants at which the event can have happened."""
        return span_of(self.time, self.precision)

    @property
    def identity(self) -> tuple[str, str]:
        """(source, id): the same identity is the same event, or a conflict."""
        return (self.source, self.id)


# Header name → attribute, for the attributes that may be left out.
_OPTIONAL = {
    "ce_dataschema": "dataschema",
    "ce_field": "field",
    "ce_operator": "operator",
    "ce_classification": "classification",
    "ce_causationid": "causation",
    "ce_correlationid": "correlation",
    "traceparent": "traceparent",
    "ce_fieldroot": "field_root",
}
# CloudEvents header values that may hold Chinese are percent-encoded (CloudEvents Kafka binding 3.2.4.1).
_ENCODED = frozenset({"ce_origincase", "ce_operator"})
_PRECISIONS = {precision.value: precision for precision in Precision}
# The events of one case name the same case and mostly the same people: decoded once, kept once in memory.
_unquoted = lru_cache(maxsize=4096)(unquote)
_quoted = lru_cache(maxsize=4096)(partial(quote, safe=""))
_case_id = lru_cache(maxsize=4096)(UUID)


def write_headers(envelope: Envelope) -> Headers:
    """The record headers of `envelope`; empty attributes are left out."""
    subject = str(envelope.subject).encode()
    headers = [
        ("ce_specversion", SPEC_VERSION.encode()),
        ("ce_id", envelope.id.encode()),
        ("ce_source", envelope.source.encode()),
        ("ce_type", envelope.type.encode()),
        ("ce_subject", subject),
        ("ce_time", envelope.time.isoformat().encode()),
        ("ce_timeprecision", envelope.precision.value.encode()),
        ("ce_originunit", envelope.origin_unit.encode()),
        ("ce_origincase", _quoted(envelope.origin_case).encode()),
        ("ce_partitionkey", subject),
        ("content-type", CONTENT_TYPE.encode()),
    ]
    for name, attribute in _OPTIONAL.items():
        value = getattr(envelope, attribute)
        if value:
            headers.append((name, (_quoted(value) if name in _ENCODED else value).encode()))
    return headers


def read_headers(headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """The envelope in `headers`. Raises EnvelopeError naming the first header that is wrong.

    Headers that are not ours are ignored, among them any that name a reply topic: nothing on the bus
    answers to an address that a message brings along. A header given twice is refused, because the two
    readers of a record could otherwise each believe another one.
    """
    found: dict[str, str] = {}
    for name, raw in headers:
        if name[:3] == "ce_" or name == "traceparent":
            if name in found:
                raise EnvelopeError(f"header {name} is given twice")
            if raw is None or len(raw) > MAX_HEADER_BYTES:
                raise EnvelopeError(f"header {name} is empty or longer than {MAX_HEADER_BYTES} bytes")
            try:
                found[name] = raw.decode()
            except UnicodeDecodeError:
                raise EnvelopeError(f"header {name} is not UTF-8") from None
    for name in _REQUIRED:
        if not found.get(name):
            raise EnvelopeError(f"header {name} is missing")
    told = "".join(found.values())
    if "\0" in told or "%00" in told:
        _refuse_nul(found)
    return _envelope(found)


def _refuse_nul(found: Mapping[str, str]) -> None:
    """PostgreSQL holds no NUL in text."""
    for name, text in found.items():
        if "\0" in text or "%00" in text:
            raise EnvelopeError(f"header {name} holds a NUL character")


def _envelope(found: dict[str, str]) -> Envelope:
    if found["ce_specversion"] != SPEC_VERSION:
        raise EnvelopeError(f"ce_specversion is {found['ce_specversion']!r}, not {SPEC_VERSION!r}")
    if not ID.fullmatch(found["ce_id"]):
        raise EnvelopeError("ce_id must be 1 to 128 printable ASCII characters without spaces")
    text = found.get
    origin_case = _unquoted(text("ce_origincase", ""))
    if not origin_case.strip():
        raise EnvelopeError(
            "header ce_origincase is missing: the case number of the unit that opened the case"
        )
    time, precision = _time(found)
    return Envelope(  # by position: this runs for every record, several times
        found["ce_id"],
        found["ce_source"],
        found["ce_type"],
        _subject(found["ce_subject"]),
        time,
        found["ce_originunit"],
        origin_case,
        precision,
        text("ce_dataschema", ""),
        text("ce_field", ""),
        _unquoted(text("ce_operator", "")),
        text("ce_classification", ""),
        text("ce_causationid", ""),
        text("ce_correlationid", ""),
        text("traceparent", ""),
        text("ce_fieldroot", ""),
    )


def _subject(told: str) -> UUID:
    try:
        return _case_id(told)
    except ValueError:
        raise EnvelopeError(f"ce_subject {told!r} is not a case id (a UUID)") from None


def _time(found: dict[str, str]) -> tuple[datetime, Precision]:
    try:
        time = parse_time(found["ce_time"])
    except ValueError as error:
        raise EnvelopeError(f"ce_time or ce_timeprecision: {error}") from None
    told = found.get("ce_timeprecision", Precision.SECOND)
    precision = _PRECISIONS.get(told)
    if precision is None:
        raise EnvelopeError(f"ce_time or ce_timeprecision: {told!r} is none of {', '.join(_PRECISIONS)}")
    return time, precision
