"""Documents in the store are sealed, whole, and read back byte for byte; what was put there before stays readable."""

from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy import delete

from infra.database import engine as make_engine
from infra.document_store import CHUNK, DocumentLost, FolderStore
from infra.sealed_store import SealedStore
from infra.vault import Vault
from infra.vault_tables import subject_keys
from tests.infra.sealing import sealing_settings

pytestmark = pytest.mark.postgres


@pytest.fixture
def connector(database, tmp_path):
    connector = make_engine(sealing_settings(database, tmp_path), pool=1)
    yield connector
    connector.dispose()


@pytest.fixture
def folder(tmp_path):
    return FolderStore(tmp_path / "kept")


@pytest.fixture
def store(folder, connector):
    return SealedStore(folder, connector)


def put(store, tmp_path, content: bytes) -> bytes:
    file = tmp_path / "upload"
    file.write_bytes(content)
    store.keep(sha256(content).digest(), file)
    assert not file.exists()
    return sha256(content).digest()


def test_documents_of_every_size_are_read_back_byte_for_byte_and_lie_sealed(store, folder, tmp_path):
    for size in (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK):
        content = (b"canary-9d2e" * (size // 11 + 1))[:size]
        digest = put(store, tmp_path, content)
        assert b"".join(store.read(digest)) == content
        assert b"canary-9d2e" not in b"".join(folder.read(digest))


def test_a_document_from_before_there_were_keys_is_read_as_it_is(store, folder, tmp_path):
    digest = put(folder, tmp_path, b"old content")
    assert b"".join(store.read(digest)) == b"old content"


def test_a_piece_cut_off_or_changed_is_found_out(store, folder, tmp_path):
    content = bytes(2 * CHUNK)
    digest = put(store, tmp_path, content)
    place = next((tmp_path / "kept").glob("*/*"))
    whole = place.read_bytes()
    for changed in (whole[:-CHUNK], whole[:-1] + bytes([whole[-1] ^ 1]), whole[:100]):
        place.write_bytes(changed)
        with pytest.raises(DocumentLost, match="was changed"):
            list(store.read(digest))


def test_without_its_key_a_document_is_lost(store, connector, tmp_path):
    digest = put(store, tmp_path, b"content")
    with connector.begin() as connection:
        connection.execute(delete(subject_keys))
    vault = connector.get_execution_options()["vault"]
    assert isinstance(vault, Vault)
    vault.forget(f"document/{digest.hex()}")
    with pytest.raises(DocumentLost, match="was destroyed"):
        store.read(digest)
