"""Records of a topic as they come, one line each, for people or for programs."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from kafka import KafkaConsumer, TopicPartition

from consumers.feeds.heads import HEAD
from infra.kafka import KafkaUnavailable, client_options
from infra.settings import Settings
from schemas import codec
from schemas.envelope import Envelope, EnvelopeError, read_headers
from schemas.sealed.ingress import is_sealed, sealed_to
from schemas.sealed.tokens import is_token
from schemas.spans import CHINA

_POLL_MS = 500

SEALED = {"zh": "〔封存〕", "en": "[sealed]"}
"""What stands for a sealed text, by language."""


def records(settings: Settings, topic: str, *, from_beginning: bool, follow: bool) -> Iterator[Any]:
    """The topic's records (kafka-python's ConsumerRecord), for ever or up to what is there now.

    Blocks. Raises KafkaUnavailable if there is no such topic, or what kafka-python raises.
    """
    consumer = KafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        allow_auto_create_topics=False,
        reconnect_backoff_max_ms=1000,
    )
    try:
        numbers = consumer.partitions_for_topic(topic)
        if not numbers:
            raise KafkaUnavailable(f"there is no topic {topic} at {settings.bootstrap}")
        partitions = [TopicPartition(topic, number) for number in sorted(numbers)]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        (consumer.seek_to_beginning if from_beginning else consumer.seek_to_end)(*partitions)
        while follow or any(consumer.position(partition) < end for partition, end in ends.items()):
            for some in consumer.poll(_POLL_MS).values():
                yield from some
    finally:
        consumer.close()


def as_line(record: Any) -> str:
    """One line for people, in China's time."""
    headers = {name: (raw or b"").decode(errors="replace") for name, raw in record.headers}
    written = datetime.fromtimestamp(record.timestamp / 1000, CHINA)
    place = f"{written:%m-%d %H:%M:%S} {record.partition}/{record.offset}"
    envelope = _envelope(record)
    if HEAD in headers:
        head = json.loads(record.value)
        what = f"signed head: entries 1 to {head['upto']} are {head['digest']}"
    elif envelope is None:
        what = f"no event: {len(record.value or b'')} bytes"
    else:
        case = f"{envelope.origin_unit} {envelope.origin_case}"
        what = f"{envelope.type}  {envelope.source}/{envelope.id}  {case}{_addressee(record)}"
    told = [f"{label} {unquote(headers[name])}" for name, label in _SHOWN.items() if headers.get(name)]
    return "  ".join([place, what, *told])


def as_object(record: Any, *, sealed: str = "") -> str:
    """One JSON object: position, headers, and the payload by field name, or its bytes as base64.

    `sealed` stands in it for every text that is sealed; empty: the texts as they lie there.
    """
    told: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "recorded_at": datetime.fromtimestamp(record.timestamp / 1000, UTC).isoformat(),
        "headers": {name: (raw or b"").decode(errors="replace") for name, raw in record.headers},
    }
    data = _data(record)
    if HEAD in told["headers"]:
        told["head"] = json.loads(record.value)
    elif sealed and is_sealed(record.value):
        told["sealed_to"] = sealed_to(record.value)
    elif data is None:
        told["value"] = None if record.value is None else base64.b64encode(record.value).decode()
    else:
        told["data"] = _marked(data, sealed) if sealed else data
    return json.dumps(told, ensure_ascii=False, default=lambda raw: base64.b64encode(raw).decode())


def _marked(value: Any, mark: str) -> Any:
    if isinstance(value, dict):
        return {name: _marked(one, mark) for name, one in value.items()}
    if isinstance(value, list):
        return [_marked(one, mark) for one in value]
    return mark if isinstance(value, str) and is_token(value) else value


_SHOWN = {
    "linkage-seq": "no.",
    "linkage-delivery": "as",
    "linkage-basis": "by",
    "linkage-reason": "refused:",
    "linkage-detail": "",
}


def _addressee(record: Any) -> str:
    data = _data(record)
    return f"  to {data['addressee']}" if data and data.get("addressee") else ""


def _envelope(record: Any) -> Envelope | None:
    try:
        return read_headers(record.headers)
    except EnvelopeError:
        return None


def _data(record: Any) -> dict[str, Any] | None:
    try:
        return codec.decode(record.value or b"").data
    except codec.Undecodable:
        return None
