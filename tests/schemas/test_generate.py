"""What is generated: typed events that encode, and pages that name every event and field."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from infra.cli.schemas import app
from schemas import codec
from schemas.catalogue import BY_NAME, EVENT_TYPES
from schemas.events import EVENTS, Event, TransferSent
from schemas.events.parts import Document, Party, PartyKind, Seal
from schemas.generate import EVENTS as EVENTS_FOLDER
from schemas.generate import PAGE, ROOT, generated, read_schemas


def test_a_typed_event_encodes_like_its_payload() -> None:
    sent = TransferSent(
        addressee="by-police",
        offence="污染环境罪",
        parties=(Party(name="陈某某", kind=PartyKind.NATURAL_PERSON),),
        documents=(Document(kind="涉嫌犯罪案件移送书", title="白环移〔2026〕5号", seal=Seal.PAPER),),
    )
    data = codec.decode(codec.encode(sent.TYPE, sent.to_avro())).data
    assert data["parties"] == [{"name": "陈某某", "kind": "natural_person", "id_no": None, "role": None}]
    assert data["documents"][0]["seal"] == "paper"
    with pytest.raises(FrozenInstanceError):
        sent.addressee = "by-court"  # type: ignore[misc]  # that is the claim


def test_there_is_one_typed_event_for_each_type() -> None:
    assert {event.TYPE for event in EVENTS} == BY_NAME.keys()
    assert len(EVENTS) == len(BY_NAME)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TYPE)
def test_a_typed_event_has_the_fields_and_the_term_of_its_schema(event: type[Event]) -> None:
    row = BY_NAME[event.TYPE]
    schema = read_schemas()[row.schema_id]
    assert [field.name for field in fields(event)] == [field["name"] for field in schema["fields"]]
    assert event.__doc__ == f"{row.zh} — {row.en}."


def test_the_catalogue_page_names_every_event_and_field() -> None:
    page = generated()[PAGE]
    for row in EVENT_TYPES:
        assert f"### `{row.name}`" in page
        for field in read_schemas()[row.schema_id]["fields"]:
            zh, _, en = field["doc"].partition(" — ")
            assert f"`{field['name']}`" in page
            assert zh in page
            assert en in page


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the contracts in which a test may edit."""
    for folder in ("schemas/avro", "schemas/events", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def _check(root: Path) -> Result:
    return CliRunner().invoke(app, ["check", "--root", str(root)])


def test_the_committed_contracts_pass_the_check(checkout: Path) -> None:
    assert _check(checkout).exit_code == 0


@pytest.mark.parametrize("path", [PAGE, EVENTS_FOLDER / "transfer.py"])
def test_the_check_names_a_file_that_is_stale(checkout: Path, path: Path) -> None:
    (checkout / path).write_text("by hand", "utf-8")
    result = _check(checkout)
    assert result.exit_code == 1
    assert result.stderr == f"stale: {path} (run `linkage schemas generate`)\n"


def test_the_check_names_a_module_that_nothing_generates(checkout: Path) -> None:
    (checkout / EVENTS_FOLDER / "gossip.py").write_text("", "utf-8")
    assert "stale: schemas/events/gossip.py" in _check(checkout).stderr


@pytest.mark.parametrize("command", ["check", "generate"])
def test_a_row_of_the_catalogue_without_a_schema_is_one_sentence(checkout: Path, command: str) -> None:
    (checkout / "schemas" / "avro" / "items.handed_over.v1.avsc").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "infra.cli", "schemas", command, "--root", str(checkout)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "linkage: the catalogue has items.handed_over v1, but no schema of it: "
        "write schemas/avro/items.handed_over.v1.avsc.\n"
    )


def test_generating_brings_everything_up_to_date(checkout: Path) -> None:
    shutil.rmtree(checkout / EVENTS_FOLDER)
    (checkout / PAGE).unlink()
    assert CliRunner().invoke(app, ["generate", "--root", str(checkout)]).exit_code == 0
    assert _check(checkout).exit_code == 0


def test_a_breaking_edit_of_a_committed_schema_is_named_and_generating_does_not_hide_it(
    checkout: Path,
) -> None:
    path = checkout / "schemas" / "avro" / "transfer.sent.v1.avsc"
    schema = json.loads(path.read_text("utf-8"))
    schema["fields"] = [field for field in schema["fields"] if field["name"] != "amount_fen"]
    path.write_text(json.dumps(schema), "utf-8")
    CliRunner().invoke(app, ["generate", "--root", str(checkout)])
    result = _check(checkout)
    assert result.exit_code == 1
    assert result.stderr == (
        "breaking: transfer.sent v1: field amount_fen: is gone, but the log holds records with it\n"
    )
