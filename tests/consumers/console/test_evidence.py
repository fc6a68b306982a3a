"""A whole case is taken out by an operator only, with a reason that the auditor reads, and verifies offline."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from consumers.proof.heads import sign_now
from consumers.proof.pack_check import check
from infra.signing_key import new_key
from infra.tables import console_audit
from schemas.topics import CASE_EVENTS
from tests.consumers.console.conftest import NOW
from tests.consumers.console.test_case_page import CASE

pytestmark = pytest.mark.postgres

ADDRESS, REASON = f"/cases/{CASE}/pack", "法院调取证据"


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    return new_key(tmp_path_factory.mktemp("key") / "key.pem")


def test_a_pack_verifies_and_the_auditor_sees_who_took_it_out_and_why(copied, enter, signer):
    person = enter(copied, "operator", signer=signer)
    assert f'action="{ADDRESS}"' in person.get(f"/cases/{CASE}").text
    early = person.post(ADDRESS, reason=REASON)
    assert (early.status_code, "没有被签名覆盖" in early.text) == (400, True)
    sign_now(copied, signer, namespace="", topic=CASE_EVENTS, now=NOW)
    answer = person.post(ADDRESS, reason=REASON)
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="evidence-{CASE}')
    assert str(CASE) in check(BytesIO(answer.content), signer.public)
    with copied.connect() as connection:
        rows = select(console_audit).where(console_audit.c.target == ADDRESS)
        noted = {(one.user, one.action, one.case_id, one.detail) for one in connection.execute(rows)}
    assert noted == {("operator", "export", CASE, REASON)}
    assert REASON in enter(copied, "auditor").get("/audit?action=export").text


@pytest.mark.parametrize(("reason", "told"), [(" x ", "理由"), (REASON, "签名密钥")])
def test_without_a_reason_or_a_key_there_is_no_pack(copied, enter, reason, told):
    person = enter(copied, "operator")
    person.get(f"/cases/{CASE}")
    answer = person.post(ADDRESS, reason=reason)
    assert answer.status_code == 400
    assert told in answer.text.split('role="alert"')[1].split("</p>")[0]


@pytest.mark.parametrize("name", ["auditor", "criminal", "pil"])
def test_nobody_else_may_take_out_what_is_unmasked(copied, enter, signer, name):
    person = enter(copied, name, signer=signer)
    assert ADDRESS not in person.get(f"/cases/{CASE}").text
    assert person.post(ADDRESS, reason=REASON).status_code == 403
