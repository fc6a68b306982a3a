"""What sealed records of an evidence pack say, with the salts by which anybody sees that they say just that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from consumers.casework.records import unpack_headers
from infra.vault import case_keys
from schemas.codec import decode
from schemas.envelope import read_headers
from schemas.sealed.digests import Part, field_proof, names_under
from schemas.sealed.values import about, opened_data


def opened_records(connection: Connection, case_id: UUID, rows: Sequence[Any]) -> list[Mapping[str, Any]]:
    """For each row of `events`: the payload as it was said, and its proof; None for a proof if it was not sealed.

    If the key of the case was destroyed, what was sealed is shown as destroyed, without a proof.
    """
    keys = case_keys(connection, [case_id])
    found: list[Mapping[str, Any]] = []
    for row in rows:
        envelope, data = read_headers(unpack_headers(bytes(row["headers"]))), decode(bytes(row["value"])).data
        key = keys.get(case_id)
        if case_id in keys:
            data = opened_data(envelope, data, None if key is None else key.opening)
        proof = None
        if key is not None and envelope.field_root:
            proof = field_proof(envelope.field_root, data, Part(data, {}), about(envelope), key)
        if proof is None:
            found.append({"data": data, "leaves": None})
            continue
        told = {name: data[name] for name in names_under(proof.root)}
        found.append({"data": told, "leaves": [asdict(leaf) for leaf in proof.leaves]})
    return found
