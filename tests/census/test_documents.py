"""The table of documents: every event is in it or says why not, and the page and the examples show the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumers.documents.belonging import DOCUMENTS, LETTER, WITHOUT, Belongs
from consumers.documents.documents_page import documents_page
from consumers.documents.rules import COMPLETING
from consumers.sources import Mark
from schemas.catalogue import BY_NAME
from schemas.samples import samples

PAGE = Path(__file__).parents[2] / "docs" / "documents.md"
BY_EVENT = {name: [row for row in DOCUMENTS if name in row.events] for name in BY_NAME}


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_event_has_documents_or_a_reason_for_none(name: str) -> None:
    assert bool(BY_EVENT[name]) != (name in WITHOUT)


def test_no_row_names_an_event_that_does_not_exist() -> None:
    named = {event for row in DOCUMENTS for event in row.events} | set(WITHOUT) | COMPLETING
    assert named <= BY_NAME.keys()


@pytest.mark.parametrize("row", DOCUMENTS, ids=lambda row: f"{row.events[0]}-{row.kind.en}")
def test_a_row_is_named_in_both_languages_and_only_a_transfer_is_asked(row: Belongs) -> None:
    assert row.kind.zh
    assert row.kind.en.isascii()
    assert row.basis.mark is not Mark.MEMORY
    assert not row.required or row.events == (LETTER,)
    assert row.given is None or row.required
    assert row.kind.fits({"kind": row.kind.zh, "title": ""})


@pytest.mark.parametrize("name", sorted(name for name in BY_NAME if BY_EVENT[name]))
def test_a_document_of_an_example_is_one_of_its_event(name: str) -> None:
    for sample in samples(name):
        for document in sample.data.get("documents", []):
            assert any(row.kind.fits(document) for row in BY_EVENT[name]), document


def test_the_page_shows_the_table_as_it_is() -> None:
    """After a change of the table: `make generate`."""
    assert PAGE.read_text(encoding="utf-8") == documents_page()
