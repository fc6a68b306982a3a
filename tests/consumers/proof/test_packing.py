"""An evidence pack verifies without the bus, and whatever is changed in it is named."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from consumers.proof.heads import sign_now
from consumers.proof.pack_check import BadPack, check, leaf
from consumers.proof.packing import NotSignedYet, pack
from infra.database import create_database
from infra.signing_key import new_key
from tests.consumers.casework.logged import TOPIC, told
from tests.consumers.proof.worlds import applied, made_log
from tests.faults.scripts import SWIFT

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CASE = told(SWIFT, seed="a")[0].envelope.subject
FOREIGN = told(SWIFT, seed="b")
OTHER = FOREIGN[0].envelope.subject


def signed(engine, signer, at=NOW):
    return sign_now(engine, signer, namespace="test-", topic=TOPIC, now=at)


def packed(engine, signer):
    with engine.connect() as connection:
        return pack(connection, CASE, signer, namespace="test-", now=NOW)


@pytest.fixture(scope="module")
def sound(postgres_url, template_database, register, tmp_path_factory):
    """A key, and the packs of both cases, made once: what is changed is a copy."""
    signer = new_key(tmp_path_factory.mktemp("key") / "key.pem")
    connector = applied(
        create_database(postgres_url, "packs", template=template_database), register, made_log()
    )
    signed(connector, signer)
    with connector.connect() as connection:
        both = [pack(connection, case, signer, namespace="test-", now=NOW) for case in (CASE, OTHER)]
    connector.dispose()
    return signer, both


@pytest.fixture
def signer(sound):
    return sound[0]


@pytest.fixture
def parts(sound):
    return dict(sound[1][0].files)


def zipped(parts):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return made


def problem(parts, public):
    with pytest.raises(BadPack) as raised:
        check(zipped(parts), public)
    return str(raised.value)


def test_a_pack_verifies(parts, signer):
    assert f"7 records of case {CASE} are in the log" in check(zipped(parts), signer.public)


def test_the_verifier_in_the_pack_runs_without_the_bus(parts, signer, tmp_path):
    (tmp_path / "pack.zip").write_bytes(zipped(parts).getvalue())
    (tmp_path / "verify.py").write_bytes(parts["verify.py"])
    line = [sys.executable, "-P", "-c", f"""
import sys
class Bus:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {{"consumers", "schemas", "infra", "producers", "sqlalchemy"}}:
            raise ImportError(name)
sys.meta_path.insert(0, Bus())
sys.argv = ["verify.py", "pack.zip", "{signer.public.hex()}"]
exec(compile(open("verify.py").read(), "verify.py", "exec"), {{"__name__": "__main__"}})
"""]  # fmt: skip
    ran = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "unchanged and in order" in ran.stdout


def test_of_other_cases_it_has_nothing_but_hashes(parts, sound):
    everything = b"".join(parts.values())
    for said in FOREIGN:
        assert said.envelope.id.encode() not in everything
        assert str(said.envelope.subject).encode() not in everything
        assert said.envelope.origin_case.encode() not in everything
    for record in json.loads(sound[1][1].files["records.json"]):
        assert record["digest"].encode() not in everything


def test_each_record_is_proven_by_the_first_head_that_covers_it(engine, signer):
    with engine.begin() as connection:  # as if a head had been signed when six events were there
        chain = connection.scalar(text("SELECT chain FROM events WHERE log_offset = 5"))
        last = connection.execute(text("SELECT next_offset, chain FROM progress")).one()
        connection.execute(text("UPDATE progress SET next_offset = 6, chain = :c"), {"c": chain})
    signed(engine, signer, NOW - timedelta(hours=1))
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE progress SET next_offset = :n, chain = :c"), {"n": last[0], "c": last[1]}
        )
    signed(engine, signer)
    parts = packed(engine, signer).files
    stretches = json.loads(parts["chain.json"])
    assert [one["head"]["next_offset"] for one in stretches] == [6, last[0]]
    assert check(zipped(parts), signer.public)


def test_without_a_head_there_is_no_pack(engine, signer, other_signer):
    signed(engine, other_signer)
    with pytest.raises(NotSignedYet, match="offset 0 of partition 0"):
        packed(engine, signer)


def edited(parts, name, change):
    told = json.loads(parts[name])
    change(told)
    return parts | {name: json.dumps(told, ensure_ascii=False, indent=1).encode()}


def flipped(hexadecimal, n=-1):
    raw = bytearray.fromhex(hexadecimal)
    raw[n] ^= 1
    return raw.hex()


def changed(n, name, change):
    def apply(records):
        records[n][name] = change(records[n][name])

    return apply


def swapped(records):
    records[2], records[3] = records[3], records[2]


@pytest.mark.parametrize(
    ("name", "change", "named"),
    [
        ("records.json", changed(3, "value", flipped), "record 3 (offset 6): value or headers"),
        ("records.json", changed(3, "digest", flipped), "record 3 (offset 6): value or headers"),
        ("records.json", changed(2, "headers", lambda h: h.replace("ce_field", "ce_fiold")), "record 2 (offset 4)"),
        ("records.json", changed(2, "headers", lambda h: h.replace('"second"', '"day"')), "record 2 (offset 4)"),
        ("records.json", changed(2, "written_ms", lambda ms: ms + 1), "record 2 (offset 4): the chain breaks"),
        ("records.json", changed(2, "offset", lambda offset: offset - 1), "record 2 (offset 3): the chain breaks"),
        ("records.json", swapped, "record 2 (offset 6): the chain breaks"),
        ("records.json", lambda records: records.pop(), "record 6 is missing"),
        ("chain.json", lambda all_: all_[0]["leaves"].pop(1), "record 1 (offset 2): the chain breaks"),
        ("chain.json", lambda all_: all_[0]["leaves"].pop(), "does not end in its head"),
        ("chain.json", lambda all_: all_[0].update(begins="11" * 32), "record 0 (offset 0): the chain breaks"),
        ("chain.json", lambda all_: all_[0]["head"].update(signed_at="2026-01-01T00:00:00Z"), "is not signed"),
        ("chain.json", lambda all_: all_.clear(), "record 0 (offset 0) is in no stretch"),
        ("pack.json", lambda told: told.update(made_at="2026-01-01T00:00:00Z"), "pack.json, the list"),
        ("pack.json", lambda told: told.update(namespace="real-"), "is not signed by this key"),
    ],
)  # fmt: skip
def test_what_was_changed_is_named(parts, signer, name, change, named):
    assert named in problem(edited(parts, name, change), signer.public)


def test_a_record_that_was_left_out_for_its_hash_is_noticed(parts, signer):
    """The chain alone still fits; the signed list of what belongs to the pack does not."""
    records, [stretch] = json.loads(parts["records.json"]), json.loads(parts["chain.json"])
    hidden = records.pop()
    stretch["leaves"] = [leaf(hidden).hex() if one == len(records) else one for one in stretch["leaves"]]
    changed_parts = parts | {
        "records.json": json.dumps(records).encode(),
        "chain.json": json.dumps([stretch]).encode(),
    }
    assert "records.json is not the file that was packed" in problem(changed_parts, signer.public)


def test_a_record_of_another_case_is_named(parts, signer, sound):
    smuggled = json.loads(sound[1][1].files["records.json"])[2]
    changed_parts = edited(parts, "records.json", lambda records: records.append(smuggled))
    assert "record 7 (offset 5) is of another case" in problem(changed_parts, signer.public)


def test_another_key_proves_nothing(parts, other_signer):
    assert "is not signed by this key" in problem(parts, other_signer.public)


@pytest.mark.parametrize(
    "name", ["records.json", "chain.json", "pack.json", "pack.sig", "verify.py", "index.html"]
)
def test_a_missing_file_is_named(parts, signer, name):
    assert f"{name} is missing" in problem({n: c for n, c in parts.items() if n != name}, signer.public)


@pytest.mark.parametrize(("name", "content"), [("index.html", b"<p>innocent"), ("note.txt", b"x")])
def test_a_file_that_was_not_packed_is_named(parts, signer, name, content):
    assert problem(parts | {name: content}, signer.public).startswith(name)
