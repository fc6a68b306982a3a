"""The installation's signing key: an Ed25519 key in a file that only its owner may read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


class KeyFileError(ValueError):
    """The file of the signing key cannot be used: the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs as the installation. `public` is the public key, 32 bytes."""

    private: Ed25519PrivateKey
    public: bytes

    def sign(self, text: str) -> bytes:
        """The signature over `text`, 64 bytes. The same text has the same signature."""
        return self.private.sign(text.encode())


def new_key(file: Path) -> Signer:
    """Make a key and write it, readable by its owner alone, into a file that must not exist. Blocks.

    Raises KeyFileError.
    """
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        place = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise KeyFileError(f"{file}: {error.strerror}; a key is never overwritten") from None
    with os.fdopen(place, "wb") as opened:
        opened.write(pem)
    return _signer(private)


def read_key(file: Path) -> Signer:
    """The key in `file`. Raises KeyFileError, also if others than its owner may read it. Blocks."""
    try:
        others = file.stat().st_mode & 0o077
        pem = file.read_bytes()
    except OSError as error:
        raise KeyFileError(
            f"{file}: {error.strerror}; `linkage keys new` makes the key of LINKAGE_SIGNING_KEY"
        ) from None
    if others:
        raise KeyFileError(f"{file} holds the signing key and others may read it: chmod 600 {file}")
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise KeyFileError(f"{file} holds no private key in PEM without a password") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyFileError(f"{file} holds another kind of key: `linkage keys new` makes an Ed25519 key")
    return _signer(private)


def signer_of(file: Path | None) -> Signer | None:
    """The signer if the installation has a key. Raises KeyFileError."""
    return None if file is None else read_key(file)


def _signer(private: Ed25519PrivateKey) -> Signer:
    return Signer(private, private.public_key().public_bytes_raw())
