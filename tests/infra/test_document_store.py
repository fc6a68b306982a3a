"""Documents in a folder and in a bucket: kept whole, found by their hash, gone when dropped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from obstore.store import MemoryStore

from infra.document_store import (
    CHUNK,
    DocumentLost,
    FolderStore,
    Incoming,
    ObjectStore,
    store_of,
)
from infra.settings import Settings

CONTENT = b"page " * CHUNK
DIGEST = sha256(CONTENT).digest()
FUTURE = datetime.now(UTC) + timedelta(hours=1)
PAST = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture(params=["folder", "bucket", "bucket with a prefix"])
def store(request, tmp_path):
    if request.param == "folder":
        return FolderStore(tmp_path / "kept")
    return ObjectStore(MemoryStore(), prefix="" if request.param == "bucket" else "/linkage/")


@pytest.fixture
def kept(store, tmp_path):
    file = tmp_path / "upload"
    file.write_bytes(CONTENT)
    store.keep(DIGEST, file)
    assert not file.exists()
    return store


def test_what_is_kept_comes_back_as_it_was(kept):
    assert b"".join(kept.read(DIGEST)) == CONTENT


@pytest.mark.parametrize("store", ["folder"], indirect=True)
def test_a_file_is_never_read_as_a_whole(kept):
    assert max(map(len, kept.read(DIGEST))) <= CHUNK < len(CONTENT)


def test_keeping_it_again_does_no_harm(kept, tmp_path):
    again = tmp_path / "again"
    again.write_bytes(CONTENT)
    kept.keep(DIGEST, again)
    assert b"".join(kept.read(DIGEST)) == CONTENT


def test_what_is_dropped_is_gone_and_dropping_it_again_is_nothing(kept):
    kept.drop(DIGEST)
    kept.drop(DIGEST)
    with pytest.raises(DocumentLost, match=DIGEST.hex()):
        kept.read(DIGEST)


def test_documents_are_listed_by_when_they_were_put_there(kept):
    assert list(kept.digests(before=FUTURE)) == [DIGEST]
    assert list(kept.digests(before=PAST)) == []


def test_a_folder_is_the_default_and_a_bucket_is_named(tmp_path):
    assert isinstance(store_of(Settings(documents=str(tmp_path))), FolderStore)
    assert isinstance(store_of(Settings(documents="s3://files/of/the/bus")), ObjectStore)


def test_unfinished_uploads_are_swept_when_they_are_old(tmp_path):
    incoming = Incoming(Settings(documents=str(tmp_path)))
    assert incoming.sweep(before=FUTURE) == 0
    incoming.new_file().write_bytes(b"half")
    assert incoming.sweep(before=PAST) == 0
    assert incoming.sweep(before=FUTURE) == 1
    assert incoming.sweep(before=FUTURE) == 0
