"""A certification run on a running bus: the reference system passes, a careless one fails where it is careless."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from consumers.certification.scenario import Asked
from consumers.certification.scenarios import SCENARIOS
from consumers.certification.watched import Transport
from infra.dev.addresses import as_environment
from infra.dev.process import free_port
from tests.journeys.agency_system import AgencySystem, receiving
from tests.journeys.kafka_system import CarefulAgency, CarelessAgency

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
        process = started(dev, unit, language, "--port", str(port), "--report", str(tmp_path / unit))
        waits_for(process, f"http://127.0.0.1:{port}")  # the front listens
        receiver = f"http://localhost:{hook_port}/{unit}"
        with AgencySystem(f"http://127.0.0.1:{port}", dev.keys[unit], receiver, careless) as system:
            system.works_through_everything()
            if careless:  # it would go on until its minutes are over
                waits_for(process, SCENARIOS[-1].title.en)
                process.terminate()
            process.communicate(timeout=60)
        return process.returncode, *reported(tmp_path / unit)

    return run


def started(dev, unit: str, language: str, *options: str) -> subprocess.Popen[str]:
    """The command, running for this unit."""
    command = [sys.executable, "-m", "infra.cli", "certify", "--unit", unit, "--gateway", dev.gateway]
    command += ["--speak-for", "by-police", "--minutes", "2", "--lang", language, *options]
    environment = {**os.environ, **as_environment(dev.settings)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def waits_for(process: subprocess.Popen[str], *told: str) -> None:
    """Until the command has printed each of these."""
    assert process.stdout is not None
    missing, lines = set(told), []
    while missing:
        line = process.stdout.readline()
        lines.append(line)
        assert line, (missing, lines)
        missing -= {one for one in missing if one in line}


def reported(path: Path) -> tuple[dict[str, str], Document]:
    """Of each scenario by transport what was found, and the report in Word."""
    html = path.with_suffix(".html").read_text("utf-8")
    row = r'<tr id="([a-z-]+)">\s*<td>[^<]*</td>\s*<td>[^<]*</td>\s*<td class="([a-z-]+)">'
    return dict(re.findall(row, html)), Document(BytesIO(path.with_suffix(".docx").read_bytes()))


def rows_over(transport: Transport) -> int:
    """How many scenarios a report on this transport tells of."""
    return sum(transport in one.over for one in SCENARIOS)


def asked_over(transport: Transport) -> set[str]:
    """The scenarios that are asked over it, as the report names them."""
    return {f"{transport}-{one.code}" for one in SCENARIOS if isinstance(one.over.get(transport), Asked)}


def test_the_reference_system_passes_everything(certified):
    status, states, word = certified("by-market", careless=False, language="zh")
    asked = asked_over(Transport.HTTP)
    assert states == dict.fromkeys(asked, "passed") | dict.fromkeys(states.keys() - asked, "not-asked")
    assert status == 0
    assert word.paragraphs[0].text == "接入认证报告"
    assert len(word.tables[0].rows) == 1 + rows_over(Transport.HTTP)


def test_a_careless_system_fails_where_it_is_careless_and_is_told_what_to_mend(certified):
    status, states, word = certified("by-tobacco", careless=True, language="en")
    assert {code for code, state in states.items() if state == "passed"} == {
        "http-single",
        "http-batch",
        "http-order",
        "http-clock",
        "http-cursor",
        "http-repeated-webhook",
    }
    assert {code for code, state in states.items() if state == "not-shown"} == {"http-late"}
    assert status == 1
    mend = {row.cells[0].text: row.cells[4].text for row in word.tables[0].rows}
    assert mend["Handshake of a webhook"] == "Answer linkage.handshake by 2xx and the same challenge."
    assert mend["One event"] == ""


def test_a_system_that_speaks_over_kafka_passes_what_is_asked_there_and_nothing_else(dev, tmp_path):
    process = started(dev, "by-agri", "zh", "--over", "kafka", "--report", str(tmp_path / "agri"))
    waits_for(process, "正在观察")
    with CarefulAgency(dev, "by-agri") as agency:
        agency.says_everything()
        with agency.reading("by-agri.cases"):
            waits_for(process, "接续读取: 通过")
        with agency.reading("by-agri.cases"):  # it was stopped; meanwhile the run has repeated an entry
            agency.acknowledges_everything()
            waits_for(process, "容忍重复送达: 通过", "重启后接续: 通过", "确认: 通过")
    process.terminate()
    process.communicate(timeout=60)
    states, word = reported(tmp_path / "agri")
    asked = asked_over(Transport.KAFKA)
    unasked = states.keys() - asked | {"kafka-heads"}  # of which there is one an hour
    assert states == dict.fromkeys(asked, "passed") | dict.fromkeys(unasked, "not-asked")
    assert process.returncode == 0
    told = {row.cells[0].text: [cell.text for cell in row.cells] for row in word.tables[0].rows}
    assert told["批量报送"][1:4] == ["Kafka", "不适用", "Kafka没有列表：每条记录各有回执"]


def test_a_system_that_writes_by_hand_fails_where_it_is_careless(dev, tmp_path):
    process = started(dev, "by-land", "en", "--over", "kafka", "--report", str(tmp_path / "land"))
    waits_for(process, "topics are being watched")
    with CarelessAgency(dev, "by-land") as agency:
        agency.writes_what_it_should_not()
        with agency.reading("reader") as consumer:
            waits_for(process, "Go on reading: passed")
            agency.goes_back(consumer)
            waits_for(process, "Go on reading: failed")
    process.terminate()
    process.communicate(timeout=60)
    states, word = reported(tmp_path / "land")
    failed = (
        "retry conflict wrong-speaker mended correction documents order clock form key idempotence sealed"
    )
    assert {code for code, state in states.items() if state == "failed"} == {
        f"kafka-{code}" for code in [*failed.split(), "cursor", "group"]
    }
    assert process.returncode == 1
    mend = {row.cells[0].text: row.cells[4].text for row in word.tables[0].rows}
    assert mend["The key of records"].startswith("Key and ce_subject are the case id")
