"""The referee for Avro bytes: reads a record by the letter of the Avro specification, and refuses the rest.

fastavro is lenient: it takes a negative enum or union index, an integer of a thousand bytes, a boolean of 7 or
a wrong block size, which other readers refuse or read as something else. A record that enters the log must mean
the same to everybody, so that what is not in the plain form that encoders write is read here once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class MalformedError(ValueError):
    """Bytes that are no Avro record of the schema: says at which byte and why."""


def check(schema: Mapping[str, Any], body: bytes) -> None:
    """Reads `body` as one record of the parsed `schema`, to the last byte. Raises MalformedError.

    Slow (pure Python) and only for bytes that a fast reader could also read: their length bounds the work.
    """
    walk = _Walk(body)
    walk.read(schema)
    if walk.at != len(body):
        raise MalformedError(f"{len(body) - walk.at} bytes follow the record")


class _Walk:
    """A position in the bytes and the named types met so far."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.at = 0
        self.named: dict[str, Any] = {}

    def read(self, schema: Any) -> None:
        if isinstance(schema, list):
            self.read(schema[self._index(len(schema), "union")])
        elif isinstance(schema, str):
            self._primitive(schema)
        else:
            self._complex(schema)

    def _primitive(self, name: str) -> None:
        match name:
            case "null":
                return
            case "string":
                self._text()
            case "bytes":
                self._take(self._length())
            case "boolean":
                if self._take(1) not in (b"\0", b"\1"):
                    raise self._wrong("a boolean is neither 0 nor 1")
            case "int" | "long":
                self._integer(5 if name == "int" else 10)
            case _:
                self._complex(self.named[name])

    def _complex(self, schema: Mapping[str, Any]) -> None:
        match schema["type"]:
            case "record":
                self.named[schema["name"]] = schema
                for field in schema["fields"]:
                    self.read(field["type"])
            case "enum":
                self.named[schema["name"]] = schema
                self._index(len(schema["symbols"]), "enum")
            case "array":
                self._array(schema["items"])
            case other:
                self.read(other)

    def _array(self, items: Any) -> None:
        while count := self._integer(10):
            end = None
            if count < 0:
                end = self._length() + self.at
            for _ in range(abs(count)):
                self.read(items)
            if end is not None and self.at != end:
                raise self._wrong("an array block does not have the size it states")

    def _index(self, size: int, what: str) -> int:
        index = self._integer(10)
        if not 0 <= index < size:
            raise self._wrong(f"{what} index {index} is not in 0 to {size - 1}")
        return index

    def _length(self) -> int:
        length = self._integer(10)
        if length < 0:
            raise self._wrong(f"a length is {length}")
        return length

    def _text(self) -> None:
        try:
            self._take(self._length()).decode("utf-8")
        except UnicodeDecodeError:
            raise self._wrong("a string is not UTF-8") from None

    def _take(self, size: int) -> bytes:
        taken = self.body[self.at : self.at + size]
        if len(taken) != size:
            raise self._wrong(f"{size} bytes expected, {len(taken)} left")
        self.at += size
        return taken

    def _integer(self, longest: int) -> int:
        number = 0
        for place in range(longest):
            byte = self._take(1)[0]
            number |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                return (number >> 1) ^ -(number & 1)
        raise self._wrong(f"an integer is longer than {longest} bytes")

    def _wrong(self, why: str) -> MalformedError:
        return MalformedError(f"at byte {self.at}: {why}")
