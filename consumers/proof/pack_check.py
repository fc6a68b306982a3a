"""Checks an evidence pack without the bus: `python verify.py PACK.zip PUBLIC-KEY`.

This file lies in every pack as verify.py. It needs Python 3.11 and the package `cryptography`, nothing of the
bus, and states on its own how events, links and signatures are made.
"""

import json
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_MOST_BYTES = 512 * 1024 * 1024


class BadPack(ValueError):  # noqa: N818  (reads as a statement at the raise)
    """The pack does not prove what it says: the message names the first thing that is wrong."""


def check(file: Any, public: bytes) -> str:
    """What the pack in `file` (a path or an open file) proves, in one sentence. Raises BadPack.

    `public` is the bus's public key, which must come from elsewhere than the pack.
    """
    try:
        with zipfile.ZipFile(file) as opened:
            parts = _parts(opened)
    except (OSError, zipfile.BadZipFile, zlib.error) as error:
        raise BadPack(f"the pack cannot be read: {error}") from None
    try:
        return _check(parts, public)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        if isinstance(error, BadPack):
            raise
        raise BadPack(f"the pack has not the form of one: {error!r}") from None


def _check(parts: Mapping[str, bytes], public: bytes) -> str:
    records = json.loads(_part(parts, "records.json"))
    told = json.loads(_part(parts, "pack.json"))
    for n, record in enumerate(records):
        _check_record(n, record, told["case"])
    proven = [
        n
        for stretch in json.loads(_part(parts, "chain.json"))
        for n in _check_stretch(stretch, records, told, public)
    ]
    missing = sorted(set(range(len(records))) - set(proven))
    if missing:
        raise BadPack(f"{_name(missing[0], records)} is in no stretch of the chain")
    _check_order(records)
    _check_files(parts, told, public)
    opened = json.loads(_part(parts, "opened.json"))
    if len(opened) != len(records):
        raise BadPack(f"opened.json tells of {len(opened)} records, not of {len(records)}")
    for n, one in enumerate(opened):
        if one["leaves"] is not None:
            _check_opened(_name(n, records), dict(json.loads(records[n]["headers"])), one)
    last = max(stretch["head"]["signed_at"] for stretch in json.loads(parts["chain.json"]))
    return f"{len(records)} records of case {told['case']} are in the log as signed, unchanged and in order ({last})"


def _check_record(n: int, record: Mapping[str, Any], case: str) -> None:
    name = f"record {n} (offset {record['offset']})"
    headers = json.loads(record["headers"])
    names = [header for header, _ in headers]
    twice = [header for header in names if header.startswith("ce_") and names.count(header) > 1]
    if twice:
        raise BadPack(f"{name}: header {twice[0]} is given twice")
    said = dict(headers)
    if str(UUID(said.get("ce_subject", ""))) != case:
        raise BadPack(f"{name} is of another case: {said.get('ce_subject')}")
    if digest(said, bytes.fromhex(record["value"])).hex() != record["digest"]:
        raise BadPack(f"{name}: value or headers do not have its digest")


def digest(said: Mapping[str, str], value: bytes) -> bytes:
    """The digest of an event: SHA-256 over source, id, type, case, time, precision, each in a line, and the value."""
    time = datetime.fromisoformat(said["ce_time"]).astimezone(UTC).isoformat()
    precision = said.get("ce_timeprecision", "second")
    told = (
        said["ce_source"],
        said["ce_id"],
        said["ce_type"],
        str(UUID(said["ce_subject"])),
        time,
        precision,
        "",
    )
    return sha256("\n".join(told).encode() + value).digest()


def _check_opened(name: str, said: Mapping[str, str], one: Mapping[str, Any]) -> None:
    """Holds what a sealed record is said to say against the root over its fields that stands in its headers."""
    mark, contract, _ = root = said.get("ce_fieldroot", "").split(".")
    values = dict(_fields(one["data"]))
    if sorted(values) != sorted(each["path"] for each in one["leaves"]):
        raise BadPack(f"{name}: opened.json has other fields than the proof beside them")
    made = b"".join(
        field_leaf(mark, each["salt"], each["path"], values[each["path"]]) for each in one["leaves"]
    )
    if [mark, contract, _hash(mark, b"\1" + said["ce_type"].encode() + b"\0" + made).hex()] != root:
        raise BadPack(f"{name}: opened.json does not say what the record was sealed from")


def field_leaf(mark: str, salt: str, path: str, value: Any) -> bytes:
    """What the root takes of one field: hash of 0, salt, path, 0 and the value as JSON with sorted keys."""
    told = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _hash(mark, b"\0" + bytes.fromhex(salt) + path.encode() + b"\0" + told.encode())


def _fields(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every field with its path; each field of a party for itself."""
    for name, value in data.items():
        if name == "parties":
            for n, party in enumerate(value):
                yield from ((f"parties[{n}].{inner}", part) for inner, part in party.items())
        else:
            yield name, value


def _hash(mark: str, text: bytes) -> bytes:
    made = hashes.Hash(hashes.SM3() if mark == "S" else hashes.SHA256())
    made.update(text)
    return made.finalize()


def leaf(record: Mapping[str, Any]) -> bytes:
    """What the chain takes of a record: SHA-256 over 0, offset, digest, append time in milliseconds, headers."""
    place, written = int(record["offset"]).to_bytes(8, "big"), int(record["written_ms"]).to_bytes(8, "big")
    return sha256(
        b"\0" + place + bytes.fromhex(record["digest"]) + written + record["headers"].encode()
    ).digest()


def _check_stretch(
    stretch: Mapping[str, Any], records: Sequence[Mapping[str, Any]], told: Mapping[str, Any], public: bytes
) -> list[int]:
    head, chain, proven = stretch["head"], bytes.fromhex(stretch["begins"]), []
    for entry in stretch["leaves"]:
        if isinstance(entry, int):
            if not 0 <= entry < len(records):
                raise BadPack(f"record {entry} is missing")
            record = records[entry]
            if record["partition"] != head["partition"] or record["offset"] >= head["next_offset"]:
                raise BadPack(f"{_name(entry, records)} is not covered by the head of its stretch")
            proven.append(entry)
            made = leaf(record)
        else:
            made = bytes.fromhex(entry)
        chain = sha256(b"\1" + chain + made).digest()
        if isinstance(entry, int) and chain.hex() != records[entry]["chain"]:
            raise BadPack(
                f"{_name(entry, records)}: the chain breaks here: it or a record before it was changed"
            )
    if chain.hex() != head["chain"]:
        raise BadPack(
            f"the stretch up to offset {head['next_offset']} does not end in its head: it was changed"
        )
    if head["namespace"] != told["namespace"] or not _signed(head_text(head), head["signature"], public):
        raise BadPack(f"the head before offset {head['next_offset']} is not signed by this key")
    return proven


def head_text(head: Mapping[str, Any]) -> str:
    """What is signed of a head: six lines."""
    names = ("namespace", "partition", "next_offset", "chain", "signed_at")
    return "\n".join(["linkage head 1", *(str(head[name]) for name in names)])


def _check_order(records: Sequence[Mapping[str, Any]]) -> None:
    for n in range(1, len(records)):
        if records[n]["offset"] <= records[n - 1]["offset"]:
            raise BadPack(f"{_name(n, records)} is out of order")


def _check_files(parts: Mapping[str, bytes], told: Mapping[str, Any], public: bytes) -> None:
    if not _signed(parts["pack.json"].decode(), _part(parts, "pack.sig").decode(), public):
        raise BadPack("pack.json, the list of what belongs to the pack, is not signed by this key")
    for name, expected in told["files"].items():
        if sha256(_part(parts, name)).hexdigest() != expected:
            raise BadPack(f"{name} is not the file that was packed")
    strange = sorted(set(parts) - set(told["files"]) - {"pack.json", "pack.sig"})
    if strange:
        raise BadPack(f"{strange[0]} does not belong to the pack")


def _signed(text: str, signature: str, public: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _name(n: int, records: Sequence[Mapping[str, Any]]) -> str:
    return f"record {n} (offset {records[n]['offset']})"


def _part(parts: Mapping[str, bytes], name: str) -> bytes:
    if name not in parts:
        raise BadPack(f"{name} is missing")
    return parts[name]


def _parts(opened: zipfile.ZipFile) -> dict[str, bytes]:
    names = opened.namelist()
    if len(set(names)) != len(names):
        raise BadPack("a file is in the pack twice")
    if sum(one.file_size for one in opened.infolist()) > _MOST_BYTES:
        raise BadPack(f"the pack unpacks to more than {_MOST_BYTES} bytes")
    return {name: opened.read(name) for name in names}


def _main() -> int:
    if len(sys.argv) != 3:
        sys.stderr.write(
            "usage: python verify.py PACK.zip PUBLIC-KEY (64 hexadecimal digits, from the bus's operator)\n"
        )
        return 2
    try:
        sys.stdout.write(check(sys.argv[1], bytes.fromhex(sys.argv[2])) + "\n")
    except ValueError as error:
        sys.stderr.write(f"NOT PROVEN: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main())
