"""Documents by the hash of their content: kept whole or not at all, and shown to whoever was told of them."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from consumers.readmodel.mentions import bring_up_to_date, documents_in
from infra.document_store import FolderStore
from infra.documents import drop_unnamed
from infra.gateway import create_app
from schemas.codec import encode_json
from schemas.topics import GATEWAY
from tests.consumers.readmodel.conftest import NOW, World
from tests.producers.gateway.conftest import beside

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

CONTENT = os.urandom(700_000)
DIGEST = sha256(CONTENT).hexdigest()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "documents"


@pytest.fixture
def asking(settings, register, make_topics, as_unit, folder):
    """Clients of one gateway, by unit; a document may have a megabyte."""
    own = settings.model_copy(update={"documents": str(folder), "document_bytes": 1_000_000})
    make_topics(own, own.topics.ingress(GATEWAY))
    app = create_app(own, register)
    with TestClient(app) as first:
        yield lambda unit: beside(first, as_unit(unit))


def put(client, content, digest=None, media="application/pdf"):
    address = f"/v1/documents/{digest or sha256(content).hexdigest()}"
    return client.put(address, content=content, headers={"Content-Type": media})


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def told(engine, digest=DIGEST, to=("by-police",)):
    """An applied event of by-env that names the document, delivered to these units."""
    named = {"addressee": "by-police", "documents": [{"kind": "移送书", "title": "移送书", "sha256": digest}]}
    World(engine).say("by-env", "sent", "transfer.sent", named, to=to)


def test_a_document_comes_back_as_it_was_sent(asking):
    client = asking("by-env")
    sent = put(client, CONTENT)
    assert (sent.status_code, sent.json()) == (201, {"sha256": DIGEST, "size": len(CONTENT)})
    again = put(client, CONTENT)
    assert (again.status_code, again.json()) == (200, sent.json())
    got = client.get(f"/v1/documents/{DIGEST}")
    assert got.content == CONTENT
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"] == "attachment"
    assert got.headers["x-content-type-options"] == "nosniff"


def test_an_empty_document_is_one(asking):
    assert put(asking("by-env"), b"").status_code == 201


def test_content_with_another_hash_leaves_nothing_behind(asking, folder):
    refused = put(asking("by-env"), CONTENT, digest="0" * 64)
    assert refused.status_code == 422
    assert refused.json()["reason"] == "digest"
    assert DIGEST in refused.json()["detail"]
    assert files(folder) == []


def test_a_document_that_is_too_large_is_cut_off_and_leaves_nothing_behind(asking, folder):
    sent = 0

    def pieces():
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield bytes(100_000)

    client = asking("by-env")
    assert put(client, bytes(1_000_001)).status_code == 413
    assert client.put(f"/v1/documents/{'0' * 64}", content=pieces()).status_code == 413
    assert files(folder) == []


def test_a_stranger_is_answered_alike_whether_there_is_a_document_or_not(asking):
    put(asking("by-env"), CONTENT)
    stranger = asking("by-market")
    there, nowhere = (stranger.get(f"/v1/documents/{digest}") for digest in (DIGEST, "0" * 64))
    assert there.status_code == nowhere.status_code == 404
    assert there.text.replace(DIGEST, "0" * 64) == nowhere.text


def test_whoever_has_to_act_on_an_event_that_names_it_may_read_it_and_nobody_else(asking, engine):
    put(asking("by-env"), CONTENT)
    assert asking("by-police").get(f"/v1/documents/{DIGEST}").status_code == 404
    told(engine, to=("by-police", "by-criminal"))
    assert asking("by-police").get(f"/v1/documents/{DIGEST}").content == CONTENT
    for copied_or_stranger in ("by-criminal", "by-market"):
        assert asking(copied_or_stranger).get(f"/v1/documents/{DIGEST}").status_code == 404


def test_knowing_the_hash_gives_nobody_the_content(asking):
    """A unit that has the hash and not the content cannot claim the document by sending something else."""
    put(asking("by-env"), CONTENT)
    thief = asking("by-market")
    assert put(thief, b"", digest=DIGEST).status_code == 422
    assert thief.get(f"/v1/documents/{DIGEST}").status_code == 404


def test_what_no_event_names_is_dropped_when_it_is_old_and_the_rest_stays(asking, engine, folder):
    client = asking("by-env")
    put(client, CONTENT)
    put(client, b"never named")
    put(client, b"just sent")
    told(engine)
    bring_up_to_date(engine, 8)
    with engine.begin() as connection:
        young = sha256(b"just sent").digest()
        connection.execute(
            text("UPDATE documents SET stored_at = :then WHERE digest <> :young"),
            {"then": NOW, "young": young},
        )
    for file in files(folder):
        os.utime(file, (NOW.timestamp() - 1, NOW.timestamp() - 1))
    assert drop_unnamed(engine, FolderStore(folder / "kept"), before=NOW.replace(hour=9)) == 1
    kept = {file.parent.name + file.name for file in files(folder)}
    assert kept == {DIGEST, young.hex()}


def test_the_index_is_brought_up_to_date_page_by_page_and_once(engine):
    told(engine)
    for _ in range(2):
        bring_up_to_date(engine, 8)
        with engine.connect() as connection:
            mentions = connection.execute(text("SELECT digest FROM document_mentions")).scalars().all()
        assert mentions == [bytes.fromhex(DIGEST)]


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"documents": [{"kind": "a", "title": "a", "sha256": DIGEST}]}, [DIGEST]),
        ({"documents": [{"kind": "a", "title": "a"}]}, []),
        ({"summary": DIGEST}, []),
        ({}, []),
    ],
)
def test_an_event_names_a_document_by_its_list_of_documents_only(data, named):
    value = encode_json("transfer.sent", {"addressee": "by-police"} | data)
    assert [digest.hex() for digest in documents_in(value)] == named


def test_an_upload_that_breaks_off_leaves_nothing_behind(asking, folder):
    def broken():
        yield b"x" * 300_000
        raise ConnectionError

    with pytest.raises(ConnectionError):
        asking("by-env").put(f"/v1/documents/{DIGEST}", content=broken())
    assert files(folder) == []
    assert not list(Path(folder).glob("kept/*"))
