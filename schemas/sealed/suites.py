"""The suites of algorithms that personal data is sealed with, and the few operations all else is made of."""

from __future__ import annotations

import hashlib
import hmac
from abc import abstractmethod
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC

NONCE_BYTES = 12
TAG_BYTES = 16


class NotOpened(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """The key is another one, or the sealed bytes or what they are bound to were changed."""


class Sealing(Protocol):
    """A cipher with one key, which may be used any number of times and from any thread."""

    @abstractmethod
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The ciphertext and behind it the tag."""

    @abstractmethod
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """What `encrypt` was given. Raises InvalidTag."""


class Suite(Protocol):
    """One choice of cipher and hash. `mark` is how it is called in what was sealed with it."""

    mark: str
    name: str

    def cipher(self, key: bytes) -> Sealing:
        """The cipher under the first bytes of `key`, which has 32."""

    def mac(self, key: bytes, text: bytes) -> bytes:
        """A keyed hash, 32 bytes."""

    def hash(self, text: bytes) -> bytes:
        """A hash, 32 bytes."""


class Aes:
    """AES-256-GCM with SHA-256."""

    mark = "A"
    name = "AES-256-GCM/SHA-256"

    def cipher(self, key: bytes) -> Sealing:
        """See Suite."""
        return AESGCM(key)

    def mac(self, key: bytes, text: bytes) -> bytes:
        """See Suite."""
        return hmac.digest(key, text, "sha256")

    def hash(self, text: bytes) -> bytes:
        """See Suite."""
        return hashlib.sha256(text).digest()


class Sm:
    """SM4-GCM with SM3 (GB/T 32907, GB/T 32905), through OpenSSL. SM4 has keys of 128 bits."""

    mark = "S"
    name = "SM4-GCM/SM3"

    def cipher(self, key: bytes) -> Sealing:
        """See Suite."""
        return _Sm4Gcm(key[:16])

    def mac(self, key: bytes, text: bytes) -> bytes:
        """See Suite."""
        made = HMAC(key, hashes.SM3())
        made.update(text)
        return made.finalize()

    def hash(self, text: bytes) -> bytes:
        """See Suite."""
        made = hashes.Hash(hashes.SM3())
        made.update(text)
        return made.finalize()


class _Sm4Gcm:
    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        work = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        work.authenticate_additional_data(associated_data or b"")
        return work.update(data) + work.finalize() + work.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        work = Cipher(self._algorithm, modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        work.authenticate_additional_data(associated_data or b"")
        return work.update(data[:-TAG_BYTES]) + work.finalize()


SUITES: dict[str, Suite] = {"aes": Aes(), "sm": Sm()}
"""By the word of LINKAGE_SEALING."""
BY_MARK: dict[str, Suite] = {suite.mark: suite for suite in SUITES.values()}


def sealed(cipher: Sealing, nonce: bytes, text: bytes, bound: bytes) -> bytes:
    """Nonce, ciphertext and tag of `text`, which only opens together with `bound`."""
    return nonce + cipher.encrypt(nonce, text, bound)


def opened(cipher: Sealing, sealed_text: bytes, bound: bytes) -> bytes:
    """What was sealed together with `bound`. Raises NotOpened."""
    if len(sealed_text) < NONCE_BYTES + TAG_BYTES:
        raise NotOpened("too short to have been sealed")
    try:
        return cipher.decrypt(sealed_text[:NONCE_BYTES], sealed_text[NONCE_BYTES:], bound)
    except InvalidTag:
        raise NotOpened("sealed with another key, bound to something else, or changed") from None
