"""How a sealed text stands in the place of the text: a token that says by which key and suite it opens."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import NamedTuple

from schemas.sealed.keys import OpeningKey, SubjectKey
from schemas.sealed.suites import NotOpened, opened

_BEGINS = "sealed.1."
_TOKEN = re.compile(r"sealed\.1\.([A-Z])\.([\w-]{8})\.([^.\n]{0,60})\.([\w-]+)", re.ASCII)
_BLOCK = 16
_MOST_LABEL = 60

# What rules and views look for in the role of a party; whoever adds a word there adds it here (a census test asks).
_ROLE_WORDS = re.compile(
    r"被?(?:举报|报案|控告|检举)|线人|证人|未成年|少年|儿童|被害|受害|informant|witness|juvenile|minor|victim",
    re.IGNORECASE,
)


class Token(NamedTuple):
    """A sealed text taken apart. `label` is what anybody may read of it."""

    mark: str
    key: str
    label: str
    body: bytes


def is_token(text: str) -> bool:
    """Whether a text has the form of a token; whether it opens is another matter."""
    return text.startswith(_BEGINS) and _TOKEN.fullmatch(text) is not None


def read_token(text: str) -> Token | None:
    """The parts of a token; None for any other text."""
    found = _TOKEN.fullmatch(text) if text.startswith(_BEGINS) else None
    if found is None:
        return None
    mark, key, label, body = found.groups()
    try:
        return Token(mark, key, label, urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except Base64Error:
        return None


def seal_text(key: SubjectKey, text: str, bound: bytes, label: str = "") -> str:
    """The token of `text`. Its length tells that of the text to 16 bytes only; the label is bound to it too."""
    padded = text.encode() + b"\x80"
    padded += bytes(-len(padded) % _BLOCK)
    body = urlsafe_b64encode(key.seal(padded, _with_label(bound, label))).decode().rstrip("=")
    return f"{_BEGINS}{key.suite.mark}.{key.opening.name}.{label}.{body}"


def open_text(key: OpeningKey, token: Token, bound: bytes) -> str:
    """The text in a token. Raises NotOpened."""
    if (token.key, token.mark) != (key.name, key.suite.mark):
        raise NotOpened(f"sealed with key {token.key}, not {key.name}")
    padded = opened(key.cipher, token.body, _with_label(bound, token.label))
    return padded.rstrip(b"\0")[:-1].decode()


def role_label(role: str) -> str:
    """The words of a party's role that rules decide by: they stay readable, so that casework needs no key.

    They say what a person is in the case and nothing of who it is.
    """
    return "/".join(_ROLE_WORDS.findall(role))[:_MOST_LABEL]


def _with_label(bound: bytes, label: str) -> bytes:
    return bound + b"\n" + label.encode()
