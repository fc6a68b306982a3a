"""Every client of the bus reaches a broker over TLS, and none one whose certificate it does not trust."""

from __future__ import annotations

import httpx
import pytest

from infra.kafka import KafkaUnavailable, admin_client
from tests.infra.test_dev import until
from tests.secure.certificates import make_authority
from tests.secure.test_lives import RECEIVER, SENDER, WHEN, applied, fed

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

PROCESSES = ("worker", "relay", "clock", "gateway")


def over_tls(secure, settings, ca):
    return settings.model_copy(
        update={
            "bootstrap": secure.parts["broker"].tls_bootstrap,
            "kafka_protocol": "SASL_SSL",
            "kafka_ca_file": ca,
        }
    )


def test_a_case_goes_through_while_every_process_and_unit_speaks_tls(secure, authority):
    broker = secure.parts["broker"]
    extra = {
        "LINKAGE_BOOTSTRAP": broker.tls_bootstrap,
        "LINKAGE_KAFKA_PROTOCOL": "SASL_SSL",
        "LINKAGE_KAFKA_CA_FILE": str(authority),
    }
    for name in PROCESSES:
        secure.restart(name, extra)
    try:
        key = {"Authorization": f"Bearer {secure.keys[SENDER]}"}
        event = {
            "type": "transfer.sent",
            "id": "tls-1",
            "case": {"number": "tls-1"},
            "time": WHEN.isoformat(),
            "field": "environment",
            "data": {"addressee": RECEIVER, "offence": "污染环境罪"},
        }
        said = httpx.post(f"{secure.gateway}/v1/events", headers=key, json=event)
        assert said.status_code in (200, 201), said.text
        until(lambda: "tls-1" in applied(secure), 30)
        settings = over_tls(secure, secure.settings_of_unit(RECEIVER), authority)
        until(
            lambda: "tls-1" in {number for _, number in fed(secure, RECEIVER, "tls", settings=settings)}, 30
        )
    finally:
        for name in PROCESSES:
            secure.restart(name)


def test_a_broker_with_a_strangers_certificate_is_not_spoken_to(secure, authority, tmp_path):
    stranger, _ = make_authority(tmp_path)
    with admin_client(over_tls(secure, secure.settings, authority)) as client:
        assert client.list_topics()
    with (
        pytest.raises(KafkaUnavailable),
        admin_client(over_tls(secure, secure.settings, stranger), seconds=3),
    ):
        pass


def test_a_file_that_is_no_certificate_is_named(secure, tmp_path):
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("nothing")
    with (
        pytest.raises(KafkaUnavailable, match="LINKAGE_KAFKA_CA_FILE"),
        admin_client(over_tls(secure, secure.settings, wrong)),
    ):
        pass
    settings = over_tls(secure, secure.settings, None).model_copy(update={"kafka_certificate_file": wrong})
    with pytest.raises(KafkaUnavailable, match="LINKAGE_KAFKA_CERTIFICATE_FILE"), admin_client(settings):
        pass
