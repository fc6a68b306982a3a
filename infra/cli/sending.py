"""Events from a file on their way to the bus: over HTTP to the gateway, or straight into Kafka as one unit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from infra.cli.failing import fail
from infra.kafka import client_options
from infra.problems import ProblemError
from infra.rules import read_register
from infra.settings import Settings
from producers.errors import PublishError
from producers.gateway.shapes import MOST_EVENTS
from producers.gateway.statements import statement_of
from producers.ingress import IngressSource, fixed_key
from producers.publisher import Pending, Publisher
from schemas.catalogue import BY_NAME
from schemas.codec import encode_json
from schemas.samples import samples

TIMEOUT_SECONDS = 60.0


class NoEventsError(ValueError):
    """Input that holds no events: says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one event: a receipt, or the reason why there is none."""

    name: str
    receipt: dict[str, Any] | None
    problem: str


def events_in(text: str) -> list[Any]:
    """The events in JSON or JSON lines. Raises NoEventsError naming the line."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError:
        return [_line(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    return content if isinstance(content, list) else [content]


def examples_of(type_name: str) -> list[dict[str, Any]]:
    """The first example of an event type, as an event to publish. Raises NoEventsError."""
    if type_name not in BY_NAME:
        raise NoEventsError(f"{type_name!r} is no event type: see docs/catalogue.md")
    sample = samples(type_name)[0]
    envelope = sample.envelope
    event = {
        "type": envelope.type,
        "id": envelope.id,
        "source": envelope.source,
        "case": {"unit": envelope.origin_unit, "number": envelope.origin_case},
        "time": envelope.time.isoformat(),
        "precision": envelope.precision.value,
        "field": envelope.field,
        "causation": envelope.causation,
        "data": sample.data,
    }
    return [{name: value for name, value in event.items() if value != ""}]


def through_gateway(events: Sequence[Any], address: str, key: str) -> Iterator[Sent]:
    """Sends the events in requests of up to 500. Raises httpx.TransportError if nobody answers."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=address, headers=headers, timeout=TIMEOUT_SECONDS) as client:
        for start in range(0, len(events), MOST_EVENTS):
            some = events[start : start + MOST_EVENTS]
            answer = client.post("/v1/events", json=some)
            if answer.status_code == 207:
                items = answer.json()["items"]
                yield from (_result(event, item) for event, item in zip(some, items, strict=True))
            else:
                yield from (Sent(name_of(event), None, problem_of(answer)) for event in some)


def ingress_source(text: str) -> IngressSource:
    """The ingress key that was given; ends the command if it is none."""
    try:
        return fixed_key(text)
    except ValueError as error:
        fail(str(error))


def publisher_of(settings: Settings, unit: str, ingress_key: str, **options: Any) -> Publisher:
    """A publisher in the name of `unit` that seals to `ingress_key` if one is given; `options` as for the class.

    Ends the command if there is no such unit or key.
    """
    register = read_register(settings)
    if unit not in register.by_code:
        fail(f"{unit!r} is not in the register: see `linkage unit list`")
    client = client_options(settings)
    return Publisher(
        unit,
        ",".join(client.pop("bootstrap_servers")),
        register=register,
        names=settings.topics,
        max_event_bytes=settings.max_event_bytes,
        options=client,
        ingress=ingress_source(ingress_key) if ingress_key else None,
        **options,
    )


def through_kafka(events: Iterable[Any], publisher: Publisher) -> Iterator[Sent]:
    """Sends the events in the name of the publisher's unit."""
    sent: list[tuple[Any, Pending | str]] = []
    for event in events:
        try:
            sent.append((event, publisher.send(statement_of(event, unit=publisher.unit), encode=encode_json)))
        except ProblemError as problem:
            sent.append((event, problem.detail))
        except PublishError as error:
            sent.append((event, str(error)))
    for event, pending in sent:
        yield _outcome(event, pending)


def _outcome(event: Any, pending: Pending | str) -> Sent:
    if isinstance(pending, str):
        return Sent(name_of(event), None, pending)
    try:
        receipt = pending.result()
    except PublishError as error:
        return Sent(name_of(event), None, str(error))
    told = {
        name: getattr(receipt, name) for name in ("source", "id", "topic", "partition", "offset", "digest")
    }
    return Sent(f"{receipt.source}/{receipt.id}", told, "")


def _result(event: Any, item: dict[str, Any]) -> Sent:
    receipt = item.get("receipt")
    if receipt is None:
        return Sent(name_of(event), None, str(item["problem"]["detail"]))
    return Sent(f"{receipt['source']}/{receipt['id']}", receipt, "")


def problem_of(answer: httpx.Response) -> str:
    """What the gateway says is wrong with a whole request."""
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the gateway answered {answer.status_code} without saying why; is the address right?"


def name_of(event: Any) -> str:
    """What to call an event of the input that has no receipt."""
    return str(event.get("id") or event.get("type") or "event") if isinstance(event, dict) else "event"


def _line(number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise NoEventsError(f"line {number} is no JSON: {error}") from None
