"""A signed statement, and what a unit kept of its feed held against it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from consumers.feeds.statement import Tally
from consumers.proof.stating import BadCopy, compare, entries_of, read_statement, signed
from consumers.readmodel.views import Statement

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def digest(seq):
    return sha256(bytes([seq])).digest()


def stated(step=0):
    tally, marks = Tally(2), []
    for seq in range(3, 13):
        tally.add(seq, digest(seq))
        if step and tally.count % step == 0:
            marks.append((seq, tally.digest))
    return Statement("by-env", 2, 12, 10, tally.digest, 12, 0, marks)


def saved(signer, step=0):
    return json.dumps(asdict(signed(stated(step), signer, namespace="test-", now=NOW)))


def line(seq, its_digest=None):
    headers = {"linkage-seq": str(seq), "linkage-digest": (its_digest or digest(seq)).hex()}
    return json.dumps({"headers": headers})


def problem(lines, statement):
    with pytest.raises(BadCopy) as raised:
        compare(entries_of(lines), statement)
    return str(raised.value)


def test_a_copy_agrees_with_repeats_and_more_than_the_statement_covers(signer):
    statement = read_statement(saved(signer, 4), signer.public)
    assert compare(entries_of([line(seq) for seq in (1, 2, 3, 4, 3, *range(4, 15))]), statement) == 10


def test_items_of_a_page_are_a_copy_too(signer):
    lines = [json.dumps({"seq": seq, "digest": digest(seq).hex()}) for seq in range(3, 13)]
    assert compare(entries_of(lines), read_statement(saved(signer), signer.public)) == 10


@pytest.mark.parametrize(
    ("step", "named"),
    [(0, "one of the entries 3 to 12"), (4, "one of the entries 7 to 10"), (1, "entry 8 differs")],
)
def test_the_entry_that_differs_is_named_as_closely_as_the_statement_goes(step, named):
    lines = [line(seq, digest(99) if seq == 8 else None) for seq in range(3, 13)]
    assert named in problem(lines, stated(step))


@pytest.mark.parametrize(
    ("order", "missing"),
    [([3, 4, 6], 5), ([4, 3], 3), (range(3, 12), 12), ([], 3), ([3, 5, 4, *range(6, 13)], 4)],
)
def test_the_first_missing_entry_is_named(order, missing):
    assert f"entry {missing} is missing" in problem([line(seq) for seq in order], stated())


def test_a_line_that_is_no_entry_is_named():
    assert "line 2 is no entry" in problem([line(3), "{}"], stated())


@pytest.mark.parametrize(
    "part", ["unit", "after", "upto", "count", "digest", "signed_at", "namespace", "marks"]
)
def test_a_statement_that_was_changed_is_refused(signer, part):
    told = json.loads(saved(signer, 5))
    told[part] = {"marks": [[7, "00"]]}.get(part, "1")
    with pytest.raises(BadCopy, match="not by this key, or the statement was changed"):
        read_statement(json.dumps(told), signer.public)


def test_a_statement_of_another_key_or_none_is_refused(signer, other_signer):
    with pytest.raises(BadCopy, match="not by this key"):
        read_statement(saved(signer), other_signer.public)
    with pytest.raises(BadCopy, match="is not signed"):
        read_statement(json.dumps(asdict(replace(stated(), marks=[]))), signer.public)
    with pytest.raises(BadCopy, match="no statement"):
        read_statement("[]", signer.public)
