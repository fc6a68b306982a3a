"""The examples in `schemas/examples/`: real-looking events, named by what happened, for docs, tests and first steps.

A file holds `envelope` (the attributes of `schemas.envelope.Envelope` but the case id, which is derived) and `data`
(the payload as JSON).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.catalogue import BY_NAME, EXAMPLES
from schemas.envelope import Envelope
from schemas.identity import case_id
from schemas.spans import Precision, parse_time


@dataclass(frozen=True, slots=True)
class Sample:
    """One example. `data` is as JSON: bytes are base64, see `codec.encode_json`."""

    path: Path
    envelope: Envelope
    data: dict[str, Any]

    @property
    def name(self) -> str:
        """What happened, such as `head-approves-within-a-day`."""
        return self.path.stem


def samples(type_name: str) -> list[Sample]:
    """The examples of the latest version of a type, by name; every type of the catalogue has one at least."""
    return [_sample(path) for path in sorted(_folder(type_name).glob("*.json"))]


def all_samples() -> Iterator[Sample]:
    """The examples of all types."""
    for name in BY_NAME:
        yield from samples(name)


def _folder(type_name: str) -> Path:
    return EXAMPLES / f"{type_name}.v{BY_NAME[type_name].version}"


def _sample(path: Path) -> Sample:
    content = json.loads(path.read_text(encoding="utf-8"))
    attributes = dict(content["envelope"])
    envelope = Envelope(
        subject=case_id(attributes["origin_unit"], attributes["origin_case"]),
        time=parse_time(attributes.pop("time")),
        precision=Precision(attributes.pop("precision", Precision.SECOND)),
        **attributes,
    )
    return Sample(path, envelope, content["data"])
