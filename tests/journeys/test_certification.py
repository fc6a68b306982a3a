"""A certification run on a running bus: the reference system passes, a careless one fails where it is careless."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import BytesIO

import pytest
from docx import Document

from consumers.certification.scenarios import SCENARIOS
from infra.dev.addresses import as_environment
from infra.dev.process import free_port
from tests.journeys.agency_system import AgencySystem, receiving

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture(scope="module", autouse=True)
def receivers(hook_port):
    server = receiving(hook_port)
    yield
    server.shutdown()


@pytest.fixture
def certified(dev, hook_port, tmp_path):
    """Runs the command for a unit, lets its system work, and gives the exit status and both reports."""

    def run(unit: str, *, careless: bool, language: str) -> tuple[int, dict[str, str], Document]:
        port = free_port()
        command = [sys.executable, "-m", "infra.cli", "certify", "--unit", unit, "--gateway", dev.gateway]
        command += ["--port", str(port), "--speak-for", "by-police", "--minutes", "2", "--lang", language]
        command += ["--report", str(tmp_path / unit)]
        process = subprocess.Popen(
            command,
            env={**os.environ, **as_environment(dev.settings)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if f"http://127.0.0.1:{port}" in line:  # the front listens
                break
        receiver = f"http://localhost:{hook_port}/{unit}"
        with AgencySystem(f"http://127.0.0.1:{port}", dev.keys[unit], receiver, careless) as system:
            system.works_through_everything()
            if careless:  # it would go on until its minutes are over
                for line in process.stdout:
                    if SCENARIOS[-1].title.en in line:
                        break
                process.terminate()
            process.communicate(timeout=60)
        html = (tmp_path / f"{unit}.html").read_text("utf-8")
        states = dict(re.findall(r'<tr id="([a-z-]+)">\s*<td>[^<]*</td>\s*<td class="([a-z-]+)">', html))
        word = Document(BytesIO((tmp_path / f"{unit}.docx").read_bytes()))
        return process.returncode, states, word

    return run


def test_the_reference_system_passes_everything(certified):
    status, states, word = certified("by-market", careless=False, language="zh")
    assert states == dict.fromkeys((one.code for one in SCENARIOS), "passed")
    assert status == 0
    assert word.paragraphs[0].text == "接入认证报告"
    assert len(word.tables[0].rows) == 1 + len(SCENARIOS)


def test_a_careless_system_fails_where_it_is_careless_and_is_told_what_to_mend(certified):
    status, states, word = certified("by-tobacco", careless=True, language="en")
    assert {code for code, state in states.items() if state == "passed"} == {
        "single",
        "batch",
        "cursor",
        "repeated-webhook",
    }
    assert {code for code, state in states.items() if state == "not-shown"} == {"late"}
    assert status == 1
    mend = {row.cells[0].text: row.cells[3].text for row in word.tables[0].rows}
    assert mend["Handshake of a webhook"] == "Answer linkage.handshake by 2xx and the same challenge."
    assert mend["One event"] == ""
