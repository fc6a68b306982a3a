"""What a publisher seals to the ingress key of an installation, and intake opens again: pure.

A unit's ingress topic and its outbox hold nothing readable then. The value is sealed as a whole: nobody but intake
reads it there, so no rule needs a word of it in the clear, and what is opened is byte for byte what was said.

Sealed value: `linkage ingress 1`, line feed, suite and key name, line feed, then 80 bytes of HPKE (RFC 9180, base
mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM) that hold a key made for this value, then nonce, ciphertext
and tag under that key and the suite's cipher. Both are bound to these two lines and to the event's identity.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from schemas.admission import Reason, Refusal
from schemas.digests import identity_lines
from schemas.envelope import Envelope
from schemas.sealed.keys import KEY_BYTES, Entropy
from schemas.sealed.suites import BY_MARK, NONCE_BYTES, NotOpened, Suite, opened, sealed

_HEAD = b"linkage ingress 1\n"
_NAMED = re.compile(rb"([A-Z])\.([\w-]{8})", re.ASCII)
_HPKE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_WRAPPED_BYTES = 80  # the sender's public key, the key made for the value, the tag
_BLOCK = 64

_TEXT_BEGINS = ("linkage-ingress", "1")
_HOW_TO = "seal to the key that GET /v1/ingress-key tells"


@dataclass(frozen=True, slots=True)
class IngressKey:
    """The public half, for publishers. From `renew_by` on there should be a newer one; at `expires_at` intake
    stops opening what is written from then on. Both are aware.
    """

    name: str
    suite: Suite
    public: bytes
    renew_by: datetime
    expires_at: datetime

    @property
    def text(self) -> str:
        """The key in one word, as settings and starters carry it; `read_ingress_key` reads it."""
        times = [f"{time.astimezone(UTC):%Y%m%dT%H%M%SZ}" for time in (self.renew_by, self.expires_at)]
        public = urlsafe_b64encode(self.public).decode().rstrip("=")
        return ".".join((*_TEXT_BEGINS, self.suite.mark, self.name, *times, public))


@dataclass(frozen=True, slots=True)
class Opening:
    """The private half, for intake and gateway. `secret` is None once it was destroyed."""

    name: str
    suite: Suite
    expires_at: datetime
    secret: bytes | None = field(repr=False)
    private: X25519PrivateKey | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        made = None if self.secret is None else X25519PrivateKey.from_private_bytes(self.secret)
        object.__setattr__(self, "private", made)


def public_half(secret: bytes) -> bytes:
    """The public half of an ingress key with this private half, which may be any 32 bytes."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def read_ingress_key(text: str) -> IngressKey:
    """The key that `IngressKey.text` wrote. Raises ValueError that says what such a text looks like."""
    parts = text.strip().split(".")
    try:
        *begins, mark, name, renew_by, expires_at, told = parts
        public = urlsafe_b64decode(told + "=" * (-len(told) % 4))
        if tuple(begins) != _TEXT_BEGINS or len(public) != KEY_BYTES:
            raise ValueError  # noqa: TRY301  (one sentence for whatever is wrong)
        times = [datetime.strptime(time, "%Y%m%dT%H%M%S%z") for time in (renew_by, expires_at)]
        return IngressKey(name, BY_MARK[mark], public, *times)
    except (ValueError, KeyError):
        raise ValueError(
            "this is no ingress key: it begins with linkage-ingress.1. and has seven parts, as "
            "`linkage vault ingress list` and GET /v1/ingress-key tell it"
        ) from None


def sealed_for(key: IngressKey, envelope: Envelope, value: bytes, entropy: Entropy) -> bytes:
    """`value` sealed to `key`, of no use with another envelope. Its length tells that of the value to 64 bytes only.

    Sealed again, the same value gives other bytes: HPKE draws from the system's randomness, besides `entropy`.
    """
    head = _HEAD + f"{key.suite.mark}.{key.name}\n".encode()
    bound = head + identity_lines(envelope)
    padded = value + b"\x80"
    padded += bytes(-len(padded) % _BLOCK)
    secret = entropy(KEY_BYTES)
    public = X25519PublicKey.from_public_bytes(key.public)
    wrapped = _HPKE.encrypt(secret, public, info=bound)
    return head + wrapped + sealed(key.suite.cipher(secret), entropy(NONCE_BYTES), padded, bound)


def is_sealed(value: bytes | None) -> bool:
    """Whether a value has the form of one that was sealed to an ingress key; whether it opens is another matter."""
    return value is not None and value.startswith(_HEAD)


def sealed_to(value: bytes | None) -> str:
    """The name of the ingress key that a value was sealed to; empty for any other value."""
    found = _named(value)
    return "" if found is None else found[1]


def unsealed(
    value: bytes, envelope: Envelope, openings: Mapping[str, Opening], at: datetime
) -> bytes | Refusal:
    """What was sealed for the event with this envelope, or why it is refused. Raises nothing.

    `openings` are the installation's keys by name; `at` is when the value was written: aware, and the append time
    where there is one, so that it is judged the same whenever it is read.
    """
    mark, name = _named(value) or ("", "")
    key = openings.get(name)
    told = f"sealed to ingress key {name or '(no name)'}"
    if key is None or key.suite.mark != mark:
        return Refusal(Reason.INGRESS_KEY, f"{told}, which is not known here: {_HOW_TO}", envelope)
    if key.private is None:
        return Refusal(
            Reason.INGRESS_KEY, f"{told}, which was destroyed: say it anew, and {_HOW_TO}", envelope
        )
    if at >= key.expires_at:
        expired = f"{told}, which expired at {key.expires_at.astimezone(UTC).isoformat()}: {_HOW_TO}"
        return Refusal(Reason.INGRESS_KEY, expired, envelope)
    try:
        return _opened(key.private, key.suite, value, envelope)
    except NotOpened:
        changed = f"{told}, and does not open: the value, or the identity in its headers, was changed"
        return Refusal(Reason.NOT_OPENED, changed, envelope)


def _opened(private: X25519PrivateKey, suite: Suite, value: bytes, envelope: Envelope) -> bytes:
    begins = value.index(b"\n", len(_HEAD)) + 1
    head, wrapped = value[:begins], value[begins : begins + _WRAPPED_BYTES]
    bound = head + identity_lines(envelope)
    try:
        secret = _HPKE.decrypt(wrapped, private, info=bound)
    except (InvalidTag, ValueError):
        raise NotOpened("sealed to another key, bound to something else, or changed") from None
    padded = opened(suite.cipher(secret), value[begins + _WRAPPED_BYTES :], bound)
    return padded.rstrip(b"\0")[:-1]


def _named(value: bytes | None) -> tuple[str, str] | None:
    if value is None or not value.startswith(_HEAD):
        return None
    line, feed, _ = value[len(_HEAD) : len(_HEAD) + 32].partition(b"\n")
    found = _NAMED.fullmatch(line)
    return (found[1].decode(), found[2].decode()) if found and feed else None
