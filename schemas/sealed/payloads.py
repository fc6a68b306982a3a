"""Payloads with their personal data sealed, and opened again: pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from schemas.codec import decode, write
from schemas.sealed.keys import OpeningKey, SubjectKey
from schemas.sealed.places import NAMES, Form, Place, places
from schemas.sealed.suites import NotOpened
from schemas.sealed.tokens import open_text, read_token, role_label, seal_text

DESTROYED = "〔已销毁〕"
"""Stands for whatever can be read by nobody any more."""
UNREADABLE = "〔无法解密〕"
"""Stands for what was sealed with a key that is not the case's, or was changed."""

_ROLE = "parties.role"


@dataclass(frozen=True, slots=True)
class About:
    """The event whose payload it is: what is sealed in it opens nowhere else."""

    case_id: UUID
    source: str
    event_id: str

    def bound(self, path: str) -> bytes:
        """What the text in a place is bound to: the event and the place; names only to the case."""
        if path in NAMES:
            return f"linkage 1\n{self.case_id}\nname".encode()
        return f"linkage 1\n{self.case_id}\n{self.source}\n{self.event_id}\n{path}".encode()


def sealed_payload(
    type_name: str, data: Mapping[str, Any], about: About, key: SubjectKey, open_words: Collection[str] = ()
) -> dict[str, Any]:
    """`data` with every text in its sealed places as a token. The same payload gives the same tokens.

    Items of lists that are in `open_words` stay: rules find recipients by the codes of units in them. Events
    within events are left as they are, because they come from the log.
    """

    def seal(text: str, place: Place) -> str:
        if place.form is Form.TEXTS and text in open_words:
            return text
        label = role_label(text) if place.path == _ROLE else ""
        return seal_text(key, text, about.bound(place.path), label)

    return _converted(data, places(type_name), seal, _as_it_is)


def opened_payload(
    type_name: str, data: Mapping[str, Any], about: About, key: OpeningKey | None
) -> dict[str, Any]:
    """`data` with its tokens opened. Without a key it was destroyed, and DESTROYED stands where one was.

    What is no token stays as it is, so that events from before there was a key are read like the others.
    """

    def open_(text: str, place: Place) -> str:
        token = read_token(text)
        if token is None:
            return text
        if key is None:
            return DESTROYED
        try:
            return open_text(key, token, about.bound(place.path))
        except NotOpened:
            return UNREADABLE

    def open_event(value: bytes, place: Place) -> bytes:
        name, inner = _inside(value)
        return write(name, opened_payload(name, inner, _about_inner(about, data, place), key))

    return _converted(data, places(type_name), open_, open_event)


def resealed_payload(
    type_name: str, shown: Mapping[str, Any], opened: Mapping[str, Any], sealed: Mapping[str, Any]
) -> dict[str, Any]:
    """`shown`, a cut of the `opened` payload, with the token of `sealed` for every text that the cut left as it was.

    Needs no key: within an event, the same text in the same kind of place has the same token.
    """
    pairs = zip(told_texts(opened, places(type_name)), told_texts(sealed, places(type_name)), strict=True)
    tokens = {told: token for told, (_, token) in pairs}

    def seal(text: str, place: Place) -> str:
        return tokens.get((place.path, text), text)

    def seal_event(value: bytes, place: Place) -> bytes:
        parts = [_inside(one) for one in (value, opened[place.name], sealed[place.name])]
        name = parts[0][0]
        return write(name, resealed_payload(name, *(data for _, data in parts)))

    return _converted(shown, places(type_name), seal, seal_event)


def told_texts(data: Mapping[str, Any], among: tuple[Place, ...]) -> Iterator[tuple[str, str]]:
    """The texts in sealed places, each with the path of its place, in the order of the contract."""
    for place in among:
        value = data[place.name]
        if value is None or place.form is Form.EVENT:
            continue
        match place.form:
            case Form.TEXT:
                yield place.path, value
            case Form.TEXTS:
                yield from ((place.path, one) for one in value)
            case Form.RECORDS:
                for one in value:
                    yield from told_texts(one, place.inner)


def _converted(
    data: Mapping[str, Any],
    among: tuple[Place, ...],
    text: Callable[[str, Place], str],
    event: Callable[[bytes, Place], bytes],
) -> dict[str, Any]:
    made = dict(data)
    for place in among:
        value = data[place.name]
        if not value:
            continue
        match place.form:
            case Form.TEXT:
                made[place.name] = text(value, place)
            case Form.TEXTS:
                made[place.name] = [text(one, place) for one in value]
            case Form.RECORDS:
                made[place.name] = [_converted(one, place.inner, text, event) for one in value]
            case Form.EVENT:
                made[place.name] = event(value, place)
    return made


def _as_it_is(value: bytes, _: Place) -> bytes:
    return value


def _inside(value: bytes) -> tuple[str, Mapping[str, Any]]:
    decoded = decode(value)
    return decoded.event_type.name, decoded.data


def _about_inner(about: About, data: Mapping[str, Any], place: Place) -> About:
    """`opinion_value` is the event that `opinion_source` and `opinion_id` name."""
    stem = place.name.removesuffix("value")
    return About(about.case_id, data[f"{stem}source"], data[f"{stem}id"])
