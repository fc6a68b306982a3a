"""Evidence packs: a case's records as they are in the log, with what a third party needs to verify them."""

from __future__ import annotations

import json
import zipfile
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import Connection, select

from consumers.casework.records import leaf, unpack_headers
from consumers.proof import pack_check
from consumers.proof.heads import Head, head_of
from consumers.proof.http import shown
from consumers.proof.opened import opened_records
from consumers.proof.pack_page import pack_page
from consumers.proof.signing import instant, is_signed
from infra.positions import CHAIN_START
from infra.proof_tables import signed_heads
from infra.signing_key import Signer
from infra.tables import events
from schemas.catalogue import AVRO, EVENT_TYPES

_e = events.c


class NotSignedYet(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """No signed head covers the last record of the case yet."""


@dataclass(frozen=True, slots=True)
class Packed:
    """The pack as the bytes of each of its files, and how many records of the case it has."""

    files: Mapping[str, bytes]
    records: int

    def write(self, file: Path | BinaryIO) -> None:
        """Write the pack as a ZIP file that must not exist, or into an open one. Blocks."""
        with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED) as made:
            for name, content in self.files.items():
                made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def pack(
    connection: Connection, case_id: UUID, signer: Signer, *, namespace: str, now: datetime
) -> Packed | None:
    """The evidence of a case, complete up to `now`; None if there is no such case. Blocks.

    Of other cases' events between the records it has 32 bytes each, which show nothing of them. Raises
    NotSignedYet if a record of the case is covered by no head that `signer` signed.
    """
    rows = (
        connection.execute(select(events).where(_e.case_id == case_id).order_by(_e.log_offset))
        .mappings()
        .all()
    )
    if not rows:
        return None
    stretches = _stretches(connection, rows, signer)
    records = [_record(row) for row in rows]
    opened = opened_records(connection, case_id, rows)
    said = [(_headers(row), one["data"]) for row, one in zip(rows, opened, strict=True)]
    files = {
        "records.json": _json(records),
        "opened.json": _json(opened),
        "chain.json": _json(stretches),
        "index.html": pack_page(str(case_id), records, said).encode(),
        "verify.py": Path(pack_check.__file__).read_bytes(),
        **_contracts({row["type"] for row in rows}),
    }
    told = {
        "case": str(case_id),
        "namespace": namespace,
        "made_at": instant(now),
        "public_key": signer.public.hex(),
        "files": {name: sha256(content).hexdigest() for name, content in files.items()},
    }
    listed = _json(told)
    signature = signer.sign(listed.decode()).hex().encode()
    return Packed({**files, "pack.json": listed, "pack.sig": signature}, len(rows))


def _record(row: Any) -> dict[str, Any]:
    return {
        "partition": row["partition"],
        "offset": row["log_offset"],
        "written_ms": int(row["recorded_at"].timestamp() * 1000),
        "headers": bytes(row["headers"]).decode(),
        "value": bytes(row["value"]).hex(),
        "digest": bytes(row["digest"]).hex(),
        "chain": bytes(row["chain"]).hex(),
    }


def _headers(row: Any) -> dict[str, str]:
    return {name: (raw or b"").decode() for name, raw in unpack_headers(bytes(row["headers"]))}


def _stretches(connection: Connection, rows: Sequence[Any], signer: Signer) -> list[dict[str, Any]]:
    """One for each head that is the first to cover some of the records."""
    found, at = [], 0
    while at < len(rows):
        head = _covering(connection, rows[at], signer)
        upto = at
        while upto < len(rows) and rows[upto]["log_offset"] < head.next_offset:
            upto += 1
        found.append(_stretch(connection, rows, range(at, upto), head))
        at = upto
    return found


def _covering(connection: Connection, row: Any, signer: Signer) -> Head:
    head = signed_heads.c
    covering = (
        select(signed_heads)
        .where(head.partition == row["partition"], head.next_offset > row["log_offset"])
        .where(head.public_key == signer.public)
        .order_by(head.next_offset, head.signed_at)
        .limit(1)
    )
    found = connection.execute(covering).mappings().first()
    if found is None:
        raise NotSignedYet(
            f"no head signed by this key covers offset {row['log_offset']} of partition {row['partition']} yet: "
            "the clock process signs every hour, `linkage heads --sign` at once"
        )
    head_found = head_of(found)
    if not is_signed(head_found.text, head_found.signature, signer.public):
        raise NotSignedYet(f"the head signed {head_found.signed_at} was changed: run `linkage verify`")
    return head_found


def _stretch(connection: Connection, rows: Sequence[Any], ours: range, head: Head) -> dict[str, Any]:
    first = rows[ours.start]["log_offset"]
    own = {rows[n]["log_offset"]: n for n in ours}
    here = _e.partition == head.partition
    between = (
        select(_e.log_offset, _e.digest, _e.recorded_at, _e.headers)
        .where(here, _e.log_offset >= first, _e.log_offset < head.next_offset)
        .order_by(_e.log_offset)
    )
    before = select(_e.chain).where(here, _e.log_offset < first).order_by(_e.log_offset.desc()).limit(1)
    leaves: list[int | str] = [
        own[offset] if offset in own else leaf(offset, digest, recorded_at, headers).hex()
        for offset, digest, recorded_at, headers in connection.execute(between)
    ]
    begins = connection.scalar(before) or CHAIN_START
    return {"head": shown(head).model_dump(), "begins": bytes(begins).hex(), "leaves": leaves}


def _contracts(types: set[str]) -> dict[str, bytes]:
    """Every version of the contracts of these types: the value's first bytes name the one that wrote it."""
    wanted = [one for one in EVENT_TYPES if one.name in types]
    return {f"contracts/{one.avsc}": (AVRO / one.avsc).read_bytes() for one in wanted}


def _json(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=1, default=_base64).encode()


def _base64(value: bytes) -> str:
    return b64encode(value).decode()
