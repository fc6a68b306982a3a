"""Keys: one for each subject, wrapped by the installation's master key; what each is used for is derived from it."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from schemas.sealed.suites import BY_MARK, NONCE_BYTES, NotOpened, Sealing, Suite, opened, sealed

KEY_BYTES = 32
_NAME_BYTES = 6

Entropy = Callable[[int], bytes]
"""As many random bytes as asked for."""


def of_case(case_id: UUID) -> str:
    """The subject of whatever is said about a case."""
    return f"case/{case_id}"


def of_unit(code: str) -> str:
    """The subject of what a unit wrote and nobody can tell which case it is about."""
    return f"unit/{code}"


def of_import(import_id: UUID) -> str:
    """The subject of the cells of an imported sheet, which are kept for a time."""
    return f"import/{import_id}"


def of_webhooks(unit: str) -> str:
    """The subject of the secrets that sign what is sent to a unit's webhooks."""
    return f"webhooks/{unit}"


def of_person(name: str) -> str:
    """The subject of the secret of a person's second factor."""
    return f"person/{name}"


def of_ingress(name: str) -> str:
    """The subject of the private half of an ingress key."""
    return f"ingress/{name}"


def of_document(digest: bytes) -> str:
    """The subject of the content of a document."""
    return f"document/{digest.hex()}"


def new_name(entropy: Entropy) -> str:
    """A name for a key: 8 characters that no other key has."""
    return urlsafe_b64encode(entropy(_NAME_BYTES)).decode()


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """Opens what was sealed for one subject; makes nothing new. `name` stands in everything sealed with it."""

    name: str
    suite: Suite
    secret: bytes = field(repr=False)
    cipher: Sealing = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cipher", self.suite.cipher(self.secret))


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """The key of one subject: seals, opens, and makes the salts of field digests."""

    opening: OpeningKey
    nonces: bytes = field(repr=False)
    salts: bytes = field(repr=False)

    @property
    def suite(self) -> Suite:
        """The suite of everything that is sealed with it."""
        return self.opening.suite

    def seal(self, text: bytes, bound: bytes) -> bytes:
        """Nonce, ciphertext and tag. The same text bound to the same gives the same bytes.

        The nonce is a keyed hash of both, as in a synthetic-IV mode: it repeats only together with all it covers.
        """
        size = len(bound).to_bytes(4)
        nonce = self.suite.mac(self.nonces, size + bound + text)[:NONCE_BYTES]
        return sealed(self.opening.cipher, nonce, text, bound)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A subject's key as it is kept: useless without the master key called `master`."""

    name: str
    mark: str
    master: str
    wrapped: bytes


class UnknownMasterError(ValueError):
    """A key is wrapped by a master key that this process was not given, or the file has another one by its name."""


@dataclass(frozen=True, slots=True)
class Master:
    """One master key, under the name that stands beside everything it wraps."""

    name: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Masters:
    """The installation's master keys: the first wraps, all of them unwrap."""

    keys: Sequence[Master]

    @property
    def current(self) -> str:
        """The name of the one that wraps."""
        return self.keys[0].name

    def make(self, subject: str, suite: Suite, entropy: Entropy) -> Wrapped:
        """A new key for `subject`, wrapped."""
        return self.wrap(subject, new_name(entropy), suite, entropy(KEY_BYTES), entropy(NONCE_BYTES))

    def unwrap(self, subject: str, kept: Wrapped) -> SubjectKey:
        """The key that was wrapped for `subject`. Raises UnknownMasterError."""
        return _derived(kept.name, BY_MARK[kept.mark], self.secret(subject, kept))

    def rewrap(self, subject: str, kept: Wrapped, entropy: Entropy) -> Wrapped:
        """The same key wrapped by the current master key. Raises UnknownMasterError."""
        secret = self.secret(subject, kept)
        return self.wrap(subject, kept.name, BY_MARK[kept.mark], secret, entropy(NONCE_BYTES))

    def wrap(self, subject: str, name: str, suite: Suite, secret: bytes, nonce: bytes) -> Wrapped:
        """The 32 bytes `secret` as the key of `subject`, wrapped. `nonce` is random and never used again."""
        master = self.keys[0]
        cipher = suite.cipher(_derive(suite, master.secret, b"wrapping"))
        return Wrapped(
            name, suite.mark, master.name, sealed(cipher, nonce, secret, _bound(subject, name, suite))
        )

    def secret(self, subject: str, kept: Wrapped) -> bytes:
        """The 32 bytes that were wrapped for `subject`. Raises UnknownMasterError."""
        suite = BY_MARK[kept.mark]
        for master in self.keys:
            if master.name == kept.master:
                cipher = suite.cipher(_derive(suite, master.secret, b"wrapping"))
                try:
                    return opened(cipher, kept.wrapped, _bound(subject, kept.name, suite))
                except NotOpened as error:
                    raise UnknownMasterError(
                        f"the key of {subject} does not open with master key {kept.master}: {error}; "
                        "the file must hold the very key that wrapped it"
                    ) from None
        raise UnknownMasterError(
            f"the key of {subject} is wrapped by master key {kept.master}, which the file of LINKAGE_MASTER_KEYS "
            "does not hold: keep old master keys in it until `linkage vault rewrap` has run"
        )


def _bound(subject: str, name: str, suite: Suite) -> bytes:
    return f"linkage key 1\n{suite.mark}\n{name}\n{subject}".encode()


def _derived(name: str, suite: Suite, secret: bytes) -> SubjectKey:
    opening = OpeningKey(name, suite, _derive(suite, secret, b"opening"))
    return SubjectKey(opening, _derive(suite, secret, b"nonces"), _derive(suite, secret, b"salts"))


def _derive(suite: Suite, secret: bytes, purpose: bytes) -> bytes:
    """HKDF-Expand (RFC 5869) to one block: `secret` is uniform already."""
    return suite.mac(secret, b"linkage 1 " + purpose + b"\x01")
