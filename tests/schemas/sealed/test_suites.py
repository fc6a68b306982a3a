"""The suites against published vectors: what others computed, ours computes."""

from __future__ import annotations

import pytest

from schemas.sealed.suites import SUITES, NotOpened, opened, sealed


def test_sm4_gcm_gives_the_vector_of_rfc_8998():
    """RFC 8998, A.2.1."""
    cipher = SUITES["sm"].cipher(bytes.fromhex("0123456789abcdeffedcba9876543210") + bytes(16))
    made = cipher.encrypt(
        bytes.fromhex("00001234567800000000abcd"),
        bytes.fromhex(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
            "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
        ),
        bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
    )
    assert made.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )


def test_sm3_gives_the_vector_of_its_standard():
    """GB/T 32905-2016, A.1."""
    assert (
        SUITES["sm"].hash(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


def test_aes_256_gcm_gives_the_vector_of_its_specification():
    """The GCM specification's test case 16."""
    cipher = SUITES["aes"].cipher(bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2))
    made = cipher.encrypt(
        bytes.fromhex("cafebabefacedbaddecaf888"),
        bytes.fromhex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        ),
        bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
    )
    assert made.hex().endswith("76fc6ece0f4e1768cddf8853bb2d551b")


@pytest.mark.parametrize("suite", SUITES)
def test_a_changed_bit_anywhere_does_not_open(suite):
    cipher = SUITES[suite].cipher(bytes(32))
    made = sealed(cipher, bytes(12), b"text", b"bound")
    assert opened(cipher, made, b"bound") == b"text"
    for place in range(len(made)):
        changed = made[:place] + bytes([made[place] ^ 1]) + made[place + 1 :]
        with pytest.raises(NotOpened):
            opened(cipher, changed, b"bound")
    with pytest.raises(NotOpened):
        opened(cipher, made, b"bounds")
    with pytest.raises(NotOpened, match="too short"):
        opened(cipher, made[:20], b"bound")
