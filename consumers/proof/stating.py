"""Statements signed by the bus, and a unit's own copy of its feed held against one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from consumers.feeds.heads import FeedHead, read_head
from consumers.feeds.journal import Journal
from consumers.feeds.statement import Tally
from consumers.proof.signing import instant, is_signed
from consumers.readmodel.views import Statement
from infra.signing_key import Signer


class BadCopy(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """A copy is not what the statement says, or the statement is not the bus's: the message names the place."""


def signed(statement: Statement, signer: Signer, *, namespace: str, now: datetime) -> Statement:
    """The statement with the bus's signature over it."""
    said = replace(
        statement, namespace=namespace, signed_at=instant(now), public_key=signer.public.hex(), signature=""
    )
    return replace(said, signature=signer.sign(statement_text(said)).hex())


def statement_text(statement: Statement) -> str:
    """What a signed statement says, line by line; the digests on the way are part of it."""
    told = (
        "linkage statement 1",
        statement.namespace,
        statement.unit,
        statement.after,
        statement.upto,
        statement.count,
        statement.digest,
        statement.signed_at,
        *(f"{seq} {digest}" for seq, digest in statement.marks),
    )
    return "\n".join(map(str, told))


def read_statement(text: str, public: bytes) -> Statement:
    """The statement that `GET /v1/feeds/me/statement` answered. Raises BadCopy unless `public` signed it."""
    try:
        told = json.loads(text)
        marks = [(int(seq), str(digest)) for seq, digest in told.pop("marks")]
        statement = Statement(**told, marks=marks)
        signature = bytes.fromhex(statement.signature)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadCopy(f"this is no statement of a feed: {error}") from None
    if not signature:
        raise BadCopy("the statement is not signed: LINKAGE_SIGNING_KEY of the gateway was not set")
    if not is_signed(statement_text(statement), signature, public):
        raise BadCopy("the statement's signature is not by this key, or the statement was changed")
    return statement


def held_against_heads(lines: Iterable[str], public: bytes) -> int:
    """Up to which number a copy, from number 1 on, is what the bus signed in the heads that are in the copy itself.

    Lines as `entries_of` wants them, and `{"head": …}` as every feed carries it. Raises BadCopy naming the first
    entry or stretch that differs, FeedDiffers likewise.
    """
    told = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
    heads = [head for n, line in told if (head := _head(n, line)) is not None]
    if not heads:
        raise BadCopy("the copy has no signed head: keep them too, or give --statement")
    entries = entries_of(line for n, line in told if _head(n, line) is None)
    with Journal(Path(":memory:"), heads[0].unit, public) as journal:
        for seq, digest in entries:
            journal.note(seq, digest)
        for head in sorted(heads, key=lambda one: one.upto):
            journal.hold(head)
        return journal.proven


def _head(n: int, line: str) -> FeedHead | None:
    try:
        told = json.loads(line)
        return read_head(told["head"]) if isinstance(told, dict) and "head" in told else None
    except ValueError as error:
        raise BadCopy(f"line {n}: {error}") from None


def entries_of(lines: Iterable[str]) -> Iterable[tuple[int, bytes]]:
    """Number and digest of each entry in lines of `linkage tail UNIT --json` or of items of `GET /v1/feeds/me`.

    Raises BadCopy naming the line.
    """
    for n, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _entry(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadCopy(f"line {n} is no entry of a feed: {error}") from None


def compare(entries: Iterable[tuple[int, bytes]], statement: Statement) -> int:
    """How many entries of a copy were held against `statement`; repeats and others than it covers are passed over.

    Raises BadCopy naming the first entry that is missing, out of order or another; with marks the first
    stretch that has it, which is one entry if the statement was asked for with `step=1`.
    """
    tally = Tally(statement.after)
    marks, fine = dict(statement.marks), statement.after
    for seq, digest in entries:
        if statement.upto >= seq > tally.upto:
            if seq != tally.upto + 1:
                raise BadCopy(f"entry {tally.upto + 1} is missing: {seq} comes after {tally.upto}")
            tally.add(seq, digest)
            if marks.get(seq, tally.digest) != tally.digest:
                raise BadCopy(_differs(fine + 1, seq))
            fine = seq if seq in marks else fine
    if tally.upto < statement.upto:
        raise BadCopy(f"entry {tally.upto + 1} is missing: the statement goes on to {statement.upto}")
    if tally.digest != statement.digest:
        raise BadCopy(_differs(fine + 1, statement.upto))
    return tally.count


def _differs(first: int, last: int) -> str:
    where = f"entry {first} differs" if first == last else f"one of the entries {first} to {last} differs"
    return f"{where} from what the bus sent"


def _entry(told: Mapping[str, Any]) -> tuple[int, bytes]:
    headers = told.get("headers", {})
    if "linkage-seq" in headers:
        return int(headers["linkage-seq"]), bytes.fromhex(headers["linkage-digest"])
    return int(told["seq"]), bytes.fromhex(told["digest"])
