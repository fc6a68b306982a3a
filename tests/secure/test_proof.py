"""What an operator and a unit prove on a running bus: keys, heads, evidence, copies, reconciliation."""

from __future__ import annotations

import json
import time

import pytest
from typer.testing import CliRunner

from infra.cli import app
from infra.dev.addresses import as_environment
from tests.infra.test_dev import until
from tests.secure.test_lives import RECEIVER, SENDER, applied, ask, publisher, run, transfers

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def public_key(secure):
    return run(secure, "keys", "show").split()[2]


@pytest.fixture(scope="module")
def case(secure):
    """A case that is applied and delivered, by its name."""
    [said] = transfers(1)
    with publisher(secure, SENDER) as agency:
        agency.send(said).result()
    until(lambda: said.case_number in applied(secure), 20)
    until(lambda: ask(secure, "SELECT 1 FROM feeds WHERE unit = :unit AND published > 0", unit=RECEIVER), 20)
    return f"{SENDER}:{said.case_number}"


def test_the_bus_has_a_key_of_its_own_and_signs_by_itself(secure, case):
    assert (secure.folder / "signing.pem").stat().st_mode & 0o077 == 0
    until(lambda: ask(secure, "SELECT 1 FROM signed_heads"), 30)
    assert "partition" in run(secure, "heads")


def test_a_case_is_packed_and_proven_without_the_bus(secure, case, tmp_path):
    run(secure, "heads", "--sign")
    pack = tmp_path / "pack.zip"
    assert "unchanged and in order" in run(secure, "evidence", case, "--out", str(pack))
    told = CliRunner().invoke(app, ["verify", "--pack", str(pack), "--key", public_key(secure)])
    assert (told.exit_code, "unchanged and in order" in told.output) == (0, True)


def test_the_whole_bus_is_verified_and_a_key_of_another_bus_is_not_believed(secure, case):
    told = run(secure, "verify", "--log")
    assert told.count("chain intact") == told.count("the log has the same") > 0
    assert "BROKEN" not in told
    wrong = CliRunner().invoke(app, ["verify", "--key", "00" * 32], env=as_environment(secure.settings))
    assert wrong.exit_code == 1
    assert "no valid signature by this key" in wrong.output


def test_a_unit_finds_a_signed_head_behind_its_entries_and_holds_its_copy_against_it(secure, case, tmp_path):
    run(secure, "heads", "--sign")
    unsent = "SELECT 1 FROM feed_heads WHERE unit = :unit AND sent_at IS NULL"
    until(lambda: not ask(secure, unsent, unit=RECEIVER), 30)
    copy = tmp_path / "copy.jsonl"
    copy.write_text(run(secure, "tail", RECEIVER, "--from-beginning", "--no-follow", "--json"), "utf-8")
    assert any("head" in json.loads(line) for line in copy.read_text("utf-8").splitlines())
    told = CliRunner().invoke(app, ["verify", "--copy", str(copy), "--key", public_key(secure)])
    assert (told.exit_code, "are what the bus has signed" in told.output) == (0, True), told.output


def test_the_clock_reconciles_by_itself_under_its_own_principal(secure, case):
    until(lambda: ask(secure, "SELECT 1 FROM reconciliations WHERE by = 'clock'"), 40)
    began = time.monotonic()
    assert "operator: everything agrees" in run(secure, "reconcile")
    assert time.monotonic() - began < 40
    assert "clock: everything agrees" in run(secure, "reconcile", "--last", "5")
