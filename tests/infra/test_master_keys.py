"""The file of master keys: made private, read strictly, and refused with a sentence that says what to do."""

from __future__ import annotations

import pytest

from infra.master_keys import MasterKeyError, add_master, read_masters


def zeros(size: int) -> bytes:
    return bytes(size)


def ones(size: int) -> bytes:
    return b"\1" * size


@pytest.fixture
def file(tmp_path):
    return tmp_path / "master.keys"


def test_a_new_key_stands_first_and_only_its_owner_may_read_the_file(file):
    add_master(file, "2026", zeros)
    add_master(file, "2027", ones)
    assert [one.name for one in read_masters(file).keys] == ["2027", "2026"]
    assert read_masters(file).current == "2027"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_name_is_given_once(file):
    add_master(file, "2026", zeros)
    with pytest.raises(MasterKeyError, match="has a key called 2026 already"):
        add_master(file, "2026", ones)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no key"),
        ("2026 00\n", "line 1 of .* is no name and 64 hexadecimal digits"),
        (f"a {'00' * 32}\nb\n", "line 2"),
        (f"a {'00' * 32}\na {'11' * 32}\n", "has a name twice"),
    ],
)
def test_a_file_that_is_none_of_keys_is_refused(file, text, why):
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(MasterKeyError, match=why):
        read_masters(file)


def test_a_file_that_others_may_read_is_refused(file):
    add_master(file, "2026", zeros)
    file.chmod(0o640)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        read_masters(file)


def test_a_file_that_is_missing_is_named(file):
    with pytest.raises(MasterKeyError, match=r"master\.keys cannot be read.*linkage vault new"):
        read_masters(file)
