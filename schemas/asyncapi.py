"""The bus as an AsyncAPI 3 document, seen by a unit's system: topics, messages, headers, how to log in.

Made from the same tables as everything else, for catalogues and generators that read no Avro files of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from schemas.catalogue import BY_NAME, SPEAKERS, EventType
from schemas.envelope import CONTENT_TYPE
from schemas.fields import FIELDS
from schemas.spans import Precision
from schemas.topics import Topic, TopicNames, manifest
from schemas.units import Register, Role, Unit

Document = dict[str, Any]
Payload = Callable[[EventType], Any]
"""The Avro schema of a type, or a reference to where it stands."""

_AVRO = "application/vnd.apache.avro+json;version=1.9.0"
_BINDING = {"bindingVersion": "0.5.0"}
_PARTITIONS = 8
_PLAIN_NAMES = TopicNames()
_ANY = Unit("any", "任一单位", "Any unit", frozenset({Role.AGENCY}), "any")
_INTRODUCTION = (
    "Written from the side of a unit's system: it sends to its own ingress topic and receives from its own feed. "
    "本文件从接入单位系统的角度书写：向本单位的 ingress 主题发送，从本单位的 feed 主题接收。 "
    "Each record is a CloudEvent 1.0 in binary mode: the headers are the envelope, the value is Avro in Confluent's "
    "framing (0x00, schema id in 4 bytes, big-endian, Avro body). The same events go over HTTP; see the gateway's "
    "OpenAPI document."
)


def asyncapi(
    types: Iterable[EventType],
    payload: Payload,
    *,
    names: TopicNames = _PLAIN_NAMES,
    partitions: int = _PARTITIONS,
) -> Document:
    """The document for these types, with `payload` as the contract of each; topics are called as in `names`."""
    rows = tuple(types)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Linkage bus (行刑衔接事件总线)",
            "version": "1",
            "description": _INTRODUCTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": _servers(),
        "channels": _channels(rows, names, partitions),
        "operations": _operations(rows),
        "components": {
            "schemas": {message_name(row): {"schemaFormat": _AVRO, "schema": payload(row)} for row in rows},
            "messages": {message_name(row): _message(row, "envelope") for row in rows}
            | {_delivered(row): _message(row, "envelope", "entry") for row in rows},
            "messageTraits": {"envelope": {"headers": _envelope()}, "entry": {"headers": _entry()}},
            "securitySchemes": {
                "password": {
                    "type": "scramSha512",
                    "description": "The unit's Kafka principal, by `linkage unit add`",
                }
            },
        },
    }


def message_name(row: EventType) -> str:
    """What a version of a type is called in the document, such as `transfer.sent.v1`."""
    return f"{row.name}.v{row.version}"


def _delivered(row: EventType) -> str:
    """The same message in a feed, where it has more headers."""
    return f"{message_name(row)}.delivered"


def _servers() -> Document:
    where = {"description": "Kafka bootstrap server of the installation", "default": "127.0.0.1:9092"}
    return {
        "bus": {
            "host": "{bootstrap}",
            "protocol": "kafka-secure",
            "description": "SASL_SSL with SCRAM-SHA-512; a unit has rights on its own two topics and nothing else",
            "variables": {"bootstrap": where},
            "security": [{"$ref": "#/components/securitySchemes/password"}],
        }
    }


def _channels(rows: tuple[EventType, ...], names: TopicNames, partitions: int) -> Document:
    topics = {topic.name: topic for topic in manifest(Register((_ANY,)), names, partitions)}
    all_of_them = [message_name(row) for row in rows]
    said = [message_name(row) for row in rows if row.speakers != {Role.BUS}]
    delivered = [_delivered(row) for row in rows]
    return {
        "ingress": _channel(topics[names.ingress(_ANY.code)], names.ingress("{unit}"), said),
        "feed": _channel(topics[names.feed(_ANY.code)], names.feed("{unit}"), delivered),
        "log": _channel(topics[names.case_events], names.case_events, all_of_them),
        "deadLetters": _channel(topics[names.dead_letters], names.dead_letters, ()),
    }


def _channel(topic: Topic, address: str, messages: Iterable[str]) -> Document:
    about = topic.about.replace(_ANY.code, "the unit")
    channel: Document = {
        "address": address,
        "description": about[0].upper() + about[1:],
        "servers": [{"$ref": "#/servers/bus"}],
        "messages": {name: _ref("components", "messages", name) for name in messages},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": {key: _typed(key, value) for key, value in topic.settings.items()},
                **_BINDING,
            }
        },
    }
    if "{unit}" in address:
        channel["parameters"] = {"unit": {"description": "The unit's code in the register"}}
    return channel


def _typed(key: str, value: str) -> str | int | list[str]:
    if key == "cleanup.policy":
        return value.split(",")
    return int(value) if value.removeprefix("-").isdigit() else value


def _operations(rows: tuple[EventType, ...]) -> Document:
    said = [message_name(row) for row in rows if row.speakers != {Role.BUS} and BY_NAME[row.name] is row]
    return {
        "say": {
            "action": "send",
            "channel": {"$ref": "#/channels/ingress"},
            "summary": "Say an event of a case",
            "description": "Idempotent producer, acks=all, no transactions; the key is the case id",
            "messages": [_ref("channels", "ingress", "messages", name) for name in said],
        },
        "hear": {
            "action": "receive",
            "channel": {"$ref": "#/channels/feed"},
            "summary": "Receive what is delivered to the unit",
            "description": "At least once: drop a linkage-seq that was handled; the numbers have no gaps. "
            "A record with the header linkage-head and without a number is a signed head (docs/proof.md)",
            "messages": [_ref("channels", "feed", "messages", _delivered(row)) for row in rows],
        },
    }


def _message(row: EventType, *traits: str) -> Document:
    speakers = ", ".join(f"{role.value} ({SPEAKERS[role][0]})" for role in sorted(row.speakers))
    return {
        "name": row.name,
        "title": row.en,
        "summary": row.zh,
        "description": f"Schema id {row.schema_id}. Said by: {speakers}",
        "contentType": CONTENT_TYPE,
        "tags": [{"name": row.conversation}],
        "traits": [_ref("components", "messageTraits", trait) for trait in traits],
        "payload": _ref("components", "schemas", message_name(row)),
        "bindings": {
            "kafka": {
                "key": {"type": "string", "format": "uuid", "description": "The case id, as in ce_subject"},
                "schemaIdLocation": "payload",
                "schemaIdPayloadEncoding": "confluent",
                "schemaLookupStrategy": "RecordNameStrategy",
                **_BINDING,
            }
        },
        "x-schema-id": row.schema_id,
        "x-speakers": sorted(role.value for role in row.speakers),
    }


def _envelope() -> Document:
    """Headers of every record; docs/catalogue.md tells what they mean."""
    text = {"type": "string", "maxLength": 1024}
    uuid = {"type": "string", "format": "uuid"}
    properties: Mapping[str, Document] = {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "pattern": "^[!-~]{1,128}$"},
        "ce_source": {**text, "description": "Code of the unit that says it"},
        "ce_type": {**text, "description": "Name of the message"},
        "ce_subject": {**uuid, "description": "The case id: a UUID 5 of origin unit and origin case"},
        "ce_time": {"type": "string", "format": "date-time", "description": "When it happened, with offset"},
        "ce_timeprecision": {"enum": [precision.value for precision in Precision]},
        "ce_originunit": {**text, "description": "Code of the unit that opened the case"},
        "ce_origincase": {**text, "description": "Its case number, percent-encoded UTF-8"},
        "ce_partitionkey": uuid,
        "ce_dataschema": text,
        "ce_field": {"enum": [field.code for field in FIELDS]},
        "ce_operator": {**text, "description": "Who in the unit acted, percent-encoded UTF-8"},
        "ce_classification": text,
        "ce_causationid": text,
        "ce_correlationid": text,
        "traceparent": text,
        "content-type": {"const": CONTENT_TYPE},
    }
    required = ["specversion", "id", "source", "type", "subject", "time", "originunit", "origincase"]
    return {
        "type": "object",
        "required": [f"ce_{name}" for name in required],
        "properties": properties,
    }


def _entry() -> Document:
    """Headers that a feed adds."""
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["linkage-seq", "linkage-delivery", "linkage-role"],
        "properties": {
            "linkage-seq": {**text, "pattern": "^[1-9][0-9]*$", "description": "Number in the feed, no gaps"},
            "linkage-delivery": {**text, "description": "Duty, copy or mirrored opinion"},
            "linkage-role": {**text, "description": "The role in which the unit receives it"},
            "linkage-basis": {**text, "description": "By which article, percent-encoded UTF-8"},
            "linkage-view": {**text, "description": "In which view the payload is cut (docs/views.md)"},
            "linkage-hidden": {**text, "description": "Fields that are left out or masked, comma-separated"},
            "linkage-position": {**text, "description": "Partition/offset in the log"},
            "linkage-digest": {**text, "description": "SHA-256 of the whole event, hexadecimal"},
        },
    }


def _ref(*path: str) -> Document:
    return {"$ref": "#/" + "/".join(path)}
