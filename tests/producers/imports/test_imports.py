"""An office imports its sheets through the gateway: checked whole, said once, resumed after a kill."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import text

from infra.access import issue_key
from infra.database import create_database
from infra.database import engine as database_engine
from infra.dev.addresses import as_environment
from infra.dev.process import free_port
from infra.dev.service import Service
from infra.gateway import create_app
from infra.kafka import apply_topics
from infra.settings import Settings
from producers.imports.templates import BY_NAME
from schemas.codec import decode
from schemas.topics import GATEWAY
from schemas.units import Register
from tests.producers.imports.filled import PENALTY, SENT, as_csv, headers, row, xlsx
from tests.producers.outbox.test_delivery import written
from tests.producers.outbox.test_order import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture
def as_unit(settings: Settings) -> Callable[[str], dict[str, str]]:
    def headers_of(unit: str) -> dict[str, str]:
        connector = database_engine(settings)
        with connector.begin() as connection:
            key = issue_key(connection, unit, now=datetime.now(UTC))
        connector.dispose()
        return {"Authorization": f"Bearer {key}"}

    return headers_of


@pytest.fixture
def client(
    settings: Settings,
    register: Register,
    make_topics: Callable[..., None],
    as_unit: Callable[[str], dict[str, str]],
) -> Iterator[TestClient]:
    make_topics(settings, settings.topics.ingress(GATEWAY))
    with TestClient(create_app(settings, register), headers=as_unit("by-env")) as asking:
        yield asking


@pytest.fixture(scope="module")
def idle(
    kafka: str,
    postgres_url: str,
    template_database: str,
    register: Register,
    make_topics: Callable[..., None],
) -> Iterator[TestClient]:
    """A gateway for requests that import nothing."""
    database = create_database(postgres_url, f"idle_{uuid.uuid4().hex[:12]}", template=template_database)
    own = Settings(bootstrap=kafka, database=database, namespace=f"t{uuid.uuid4().hex[:10]}-")
    make_topics(own, own.topics.ingress(GATEWAY))
    connector = database_engine(own)
    with connector.begin() as connection:
        key = issue_key(connection, "by-env", now=datetime.now(UTC))
    connector.dispose()
    with TestClient(create_app(own, register), headers={"Authorization": f"Bearer {key}"}) as asking:
        yield asking


def upload(client: httpx.Client, content: bytes, name: str = "移送.xlsx", **wanted: Any) -> dict[str, Any]:
    answer = client.post("/v1/imports", params=wanted, files={"file": (name, content)})
    assert answer.status_code in (200, 202), answer.text
    job: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/imports/{job['id']}"
    wait_until(lambda: result(client, job)["state"] != "running")
    return result(client, job)


def result(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"/v1/imports/{job['id']}").json()
    return told


def sheet_of(client: httpx.Client, job: dict[str, Any]) -> list[list[Any]]:
    answer = client.get(f"/v1/imports/{job['id']}/sheet")
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    return [[cell.value for cell in one] for one in sheet.iter_rows()]


def in_topic(settings: Settings) -> list[tuple[str, str, dict[str, Any]]]:
    records = written(settings, settings.topics.ingress(GATEWAY))
    return [(decode(value).event_type.name, name, decode(value).data) for name, _, value in records]


def sent(n: int, **instead: Any) -> list[Any]:
    return row(SENT, 移送书文号=f"云环移〔2026〕{n}号", 案号=f"云环立〔2026〕{n // 2}号", **instead)


def test_a_sheet_is_said_row_by_row_and_a_second_upload_says_nothing_more(
    client: TestClient, settings: Settings
) -> None:
    content = xlsx(headers(SENT), *(sent(n) for n in range(6)))
    job = upload(client, content)
    assert (job["template"], job["state"], job["counts"]) == ("transfer-sent", "done", {"said": 6})
    again = upload(client, as_csv(headers(SENT), *(sent(n) for n in range(6)), encoding="gbk"), "again.csv")
    assert again["counts"] == {"known": 6}
    records = in_topic(settings)
    letters = [data["letter_no"] for _, _, data in records]
    for n in (0, 2, 4):  # two rows of one case each
        assert letters.index(f"云环移〔2026〕{n}号") < letters.index(f"云环移〔2026〕{n + 1}号")
    assert len(records) == 6


def test_one_wrong_row_keeps_the_whole_sheet_back_and_is_shown_in_it(
    client: TestClient, settings: Settings
) -> None:
    job = upload(
        client, xlsx(headers(SENT), sent(1), sent(2, 移送时间="昨天"), sent(3, 受移送公安机关="不存在"))
    )
    assert (job["state"], job["counts"]) == ("flawed", {"held": 1, "flawed": 2})
    assert in_topic(settings) == []
    told = sheet_of(client, job)
    assert told[0][-2:] == ["导入状态", "错误"]
    assert [one[-2] for one in told[1:]] == ["未报送", "有误", "有误"]
    assert told[2][-1].startswith("移送时间：“昨天”不是有效日期")
    assert [one["row"] for one in job["rows"]] == [3, 4]
    english = client.get(f"/v1/imports/{job['id']}", headers={"Accept-Language": "en"}).json()
    assert "is no date" in english["rows"][0]["errors"][0]["message"]


def test_the_right_rows_are_said_by_wish_and_the_corrected_sheet_says_the_rest(
    client: TestClient, settings: Settings
) -> None:
    job = upload(client, xlsx(headers(SENT), sent(1), sent(2, 移送时间="昨天")), partial=True)
    assert (job["state"], job["counts"]) == ("done", {"said": 1, "flawed": 1})
    told = sheet_of(client, job)
    told[2][headers(SENT).index("移送时间")] = "2026-03-12"
    again = upload(client, xlsx(*told))
    assert again["counts"] == {"known": 1, "said": 1}
    assert len(in_topic(settings)) == 2


def test_a_check_says_nothing(client: TestClient, settings: Settings) -> None:
    job = upload(client, xlsx(headers(SENT), sent(1)), check=True)
    assert (job["state"], job["counts"]) == ("checked", {"held": 1})
    assert in_topic(settings) == []


def test_a_column_that_the_template_has_not_is_told_and_coloured_and_its_cells_are_kept(
    idle: TestClient,
) -> None:
    job = upload(idle, xlsx([*headers(SENT), "天气"], [*sent(1), "晴"]), check=True)
    assert job["ignored_columns"] == ["天气"]
    answer = idle.get(f"/v1/imports/{job['id']}/sheet")
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    wrong, right = (
        next(cell for cell in sheet[1] if cell.value == name).fill.fgColor.rgb for name in ("天气", "案号")
    )
    assert wrong != right
    assert sheet.cell(2, len(headers(SENT)) + 1).value == "晴"


def test_other_content_for_a_known_row_is_a_conflict_until_a_reason_makes_it_a_correction(
    client: TestClient, settings: Settings
) -> None:
    upload(client, xlsx(headers(SENT), sent(1)))
    wrong = upload(client, xlsx(headers(SENT), sent(1, 涉嫌罪名="非法经营罪")))
    assert (wrong["state"], wrong["counts"]) == ("flawed", {"conflict": 1})
    assert "更正理由" in sheet_of(client, wrong)[1][-1]

    corrected = xlsx(headers(SENT), sent(1, 涉嫌罪名="非法经营罪", 更正理由="罪名填写有误。"))
    assert upload(client, corrected)["counts"] == {"corrected": 1}
    assert upload(client, corrected)["counts"] == {"known": 1}

    third = upload(client, xlsx(headers(SENT), sent(1, 涉嫌罪名="污染环境罪", 更正理由="原填正确。")))
    assert third["counts"] == {"corrected": 1}
    (_, first, _), (_, second, offence), (kind, _, taken_back), (_, last, _), (_, _, again) = in_topic(
        settings
    )
    assert offence["offence"] == "非法经营罪"
    assert (kind, taken_back["regarding_id"], taken_back["replacement_id"]) == (
        "case.corrected",
        first,
        second,
    )
    assert taken_back["reason"] == "罪名填写有误。"
    assert (again["regarding_id"], again["replacement_id"]) == (second, last)


def test_the_national_form_is_taken_as_it_is(client: TestClient, settings: Settings) -> None:
    job = upload(client, as_csv(headers(PENALTY), row(PENALTY), encoding="gbk"), "双公示.csv")
    assert (job["template"], job["counts"]) == ("penalty-publicity", {"said": 1})
    ((kind, _, data),) = in_topic(settings)
    assert (kind, data["amount_fen"], data["party"]) == ("admin_case.penalised", 23_050_000, "广州某电镀厂")


def test_templates_are_listed_and_downloaded(idle: TestClient) -> None:
    listed = {one["name"]: one["may_use"] for one in idle.get("/v1/imports/templates").json()}
    assert listed.keys() == BY_NAME.keys()
    assert (listed["transfer-sent"], listed["filing-accepted"]) == (True, False)
    answer = idle.get("/v1/imports/templates/transfer-sent.xlsx")
    assert answer.content.startswith(b"PK")
    assert idle.get("/v1/imports/templates/nothing.xlsx").status_code == 404


@pytest.mark.parametrize(
    ("content", "wanted", "status", "told"),
    [
        (b"", {}, 422, "文件是空的"),
        (b"PK\x03\x04", {}, 422, "已损坏"),
        (as_csv(["a", "b"], ["1", "2"], encoding="utf-8"), {}, 422, "无法从表头判断"),
        (as_csv(["a", "b"], encoding="utf-8"), {"template": "transfer-sent"}, 422, "缺少列：案号"),
        (as_csv(headers(SENT), encoding="utf-8"), {"template": "nothing"}, 404, "no template"),
        (
            as_csv(headers(BY_NAME["filing-accepted"]), encoding="utf-8"),
            {},
            422,
            "may not say filing.accepted",
        ),
    ],
)
def test_a_file_that_is_no_import_says_what_is_wrong(
    idle: TestClient, content: bytes, wanted: dict[str, str], status: int, told: str
) -> None:
    answer = idle.post("/v1/imports", params=wanted, files={"file": ("x", content)})
    assert (answer.status_code, told in answer.json()["detail"]) == (status, True), answer.text


def test_an_upload_is_a_form_with_a_file_and_not_too_large(idle: TestClient) -> None:
    assert idle.post("/v1/imports", json={}).status_code == 415
    assert (
        idle.post("/v1/imports", files={"other": ("x", b"x")})
        .json()["detail"]
        .startswith("the form has no file")
    )
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert idle.post("/v1/imports", content=b"nothing", headers=broken).status_code == 400
    assert idle.post("/v1/imports", files={"file": ("x", b"x" * 9 * 1024 * 1024)}).status_code == 413


def test_another_unit_finds_nothing_of_an_import(
    client: TestClient, as_unit: Callable[[str], dict[str, str]]
) -> None:
    job = upload(client, xlsx(headers(SENT), sent(1)))
    for path in (f"/v1/imports/{job['id']}", f"/v1/imports/{job['id']}/sheet", "/v1/imports/none"):
        assert client.get(path, headers=as_unit("by-tax")).status_code == 404
    assert client.get(f"/v1/imports/{job['id']}", headers={"Authorization": ""}).status_code == 401


def test_the_content_of_an_old_import_is_deleted_and_its_rows_are_still_known(
    client: TestClient, settings: Settings
) -> None:
    job = upload(client, xlsx(headers(SENT), sent(1)))
    connector = database_engine(settings)
    with connector.begin() as connection:
        connection.execute(text("UPDATE import_jobs SET finished_at = finished_at - interval '91 days'"))
    assert upload(client, xlsx(headers(SENT), sent(1)))["counts"] == {"known": 1}
    with connector.connect() as connection:
        kept = connection.execute(
            text("SELECT count(*) FROM import_rows WHERE cells IS NOT NULL")
        ).scalar_one()
    connector.dispose()
    assert kept == 1
    assert sheet_of(client, job)[1][0] in (None, "")


@pytest.fixture
def process(settings: Settings, register: Register) -> tuple[Settings, dict[str, str]]:
    """Settings and a key for gateway processes that a test starts and kills."""
    own = settings.model_copy(update={"gateway_port": free_port()})
    apply_topics(own, register)
    connector = database_engine(own)
    with connector.begin() as connection:
        key = issue_key(connection, "by-env", now=datetime.now(UTC))
    connector.dispose()
    return own, {"LINKAGE_KEY": key}


@pytest.mark.parametrize("failpoint", ["import-said", "import-written"])
def test_an_import_goes_on_after_its_gateway_was_killed_and_says_every_row_once_in_effect(
    process: tuple[Settings, dict[str, str]], tmp_path: Path, failpoint: str
) -> None:
    own, key = process
    (tmp_path / "移送.xlsx").write_bytes(xlsx(headers(SENT), *(sent(n) for n in range(8))))
    dying = Service(
        "gateway", "gateway", tmp_path, as_environment(own) | {"LINKAGE_FAILPOINT": f"{failpoint}:1"}
    )
    dying.start()
    running = subprocess.Popen(
        [sys.executable, "-m", "infra.cli", "import", str(tmp_path / "移送.xlsx")],
        env={**os.environ, **as_environment(own), **key},
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: not dying.child.alive, seconds=60)
    running.kill()
    connector = database_engine(own)
    with connector.begin() as connection:  # as if the claim of the dead had run out
        connection.execute(text("UPDATE import_jobs SET claimed_until = now()"))
        import_id = connection.execute(text("SELECT import_id FROM import_jobs")).scalar_one()
    connector.dispose()
    after = Service("gateway", "gateway", tmp_path, as_environment(own))
    after.start()
    try:
        headers_of = {"Authorization": f"Bearer {key['LINKAGE_KEY']}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{own.gateway_port}", headers=headers_of) as asking:
            wait_until(lambda: result(asking, {"id": import_id})["state"] == "done", seconds=60)
            assert result(asking, {"id": import_id})["counts"] == {"said": 8}
        ids = [name for _, name, _ in in_topic(own)]
        assert len(ids) == len(set(ids)) == 8
    finally:
        after.stop()


def test_the_commands_fetch_a_template_check_a_sheet_and_import_it(
    process: tuple[Settings, dict[str, str]], tmp_path: Path
) -> None:
    own, key = process
    service = Service("gateway", "gateway", tmp_path, as_environment(own))
    service.start()

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "infra.cli", "import", *words],
            env={**os.environ, **as_environment(own), **key},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    try:
        assert "transfer-sent  正式移送  transfer.sent" in run("templates").stdout
        assert run("template", "transfer-sent").returncode == 0
        workbook = load_workbook(tmp_path / "transfer-sent.xlsx")
        workbook.worksheets[0].append(sent(1, 移送时间="昨天"))
        workbook.save(tmp_path / "一.xlsx")
        wrong = run("一.xlsx", "--check")
        assert wrong.returncode == 1
        assert "第2行 移送时间: “昨天”不是有效日期" in wrong.stderr
        back = load_workbook(tmp_path / "一-导入结果.xlsx").worksheets[0]
        back.cell(2, 1 + headers(SENT).index("移送时间"), "2026-03-11")
        back.parent.save(tmp_path / "二.xlsx")
        right = run("二.xlsx", "--json")
        job = json.loads(right.stdout)
        assert (right.returncode, job["counts"]) == (0, {"said": 1})
        assert run("status", job["id"]).returncode == 0
        assert run("template", "nothing").stderr.startswith("linkage: there is no template 'nothing'")
    finally:
        service.stop()
    assert len(in_topic(own)) == 1
