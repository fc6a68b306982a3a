"""The examples in Java and JavaScript on an installation that asks for passwords: what they say lies nowhere in the clear."""

from __future__ import annotations

import os
import subprocess
import uuid
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from consumers.feeds.opening import GatewayKeys
from consumers.feeds.subscriber import Subscriber
from infra.kafka import security_options
from schemas.catalogue import AVRO
from schemas.sealed.tokens import is_token
from tests.infra.test_dev import until
from tests.journeys.test_sealed import files_with
from tests.producers.examples import PROGRAMS, built
from tests.secure.test_lives import RECEIVER, WHEN

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(300)]

SAID = {"java": "java-1", "javascript": "js-1"}
SPEAKERS = [("java", "by-tax", False), ("javascript", "by-labour", False), ("javascript", "by-land", True)]
"""In which language a unit says it, and whether it was handed an ingress key, one to be renewed, or asks the gateway."""


def handed_over(secure, unit, authority):
    """What an operator gives to a unit's programmer: where Kafka and gateway are, a password and an API key."""
    settings = secure.settings_of_unit(unit)
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "LINKAGE_UNIT": unit,
        "LINKAGE_SCHEMAS": str(AVRO),
        "LINKAGE_BOOTSTRAP": secure.parts["broker"].tls_bootstrap,
        "LINKAGE_KAFKA_PROTOCOL": "SASL_SSL",
        "LINKAGE_KAFKA_CA_FILE": str(authority),
        "LINKAGE_KAFKA_USER": settings.kafka_user,
        "LINKAGE_KAFKA_PASSWORD": settings.kafka_password,
    }


def ingress_key(secure, unit, in_a_word):
    """In one word, as `linkage unit add` prints it, or where it is told."""
    if in_a_word:
        return {"LINKAGE_INGRESS_KEY": replace(secure.ingress_key, renew_by=WHEN - timedelta(days=1)).text}
    return {"LINKAGE_GATEWAY": secure.gateway, "LINKAGE_KEY": secure.keys[unit]}


@pytest.fixture
def office(secure, authority):
    """What a unit was handed over, with something in its feed: an opinion of the procuratorate."""

    def prepared(unit, *, in_a_word):
        opinion = {
            "type": "opinion.to_transfer_issued",
            "id": f"opinion-to-{unit}",
            "case": {"unit": unit, "number": f"for-{unit}"},
            "time": WHEN.isoformat(),
            "data": {"addressee": unit, "letter_no": "白检意〔2026〕8号", "offence": "逃税罪"},
        }
        headers = {"Authorization": f"Bearer {secure.keys['by-criminal']}"}
        answer = httpx.post(f"{secure.gateway}/v1/events", headers=headers, json=opinion)
        assert answer.status_code in (200, 201), answer.text
        return handed_over(secure, unit, authority) | ingress_key(secure, unit, in_a_word)

    return prepared


def heard(secure, unit, event_id):
    """The event as it comes to the police: still sealed, and opened with the keys of the gateway."""
    settings = secure.settings_of_unit(RECEIVER)
    group, options = f"{RECEIVER}.{event_id}", security_options(settings)
    found = []
    with (
        closing(Subscriber(RECEIVER, settings.bootstrap, group=group, options=options)) as feed,
        GatewayKeys(secure.gateway, secure.keys[RECEIVER]) as keys,
    ):

        def came():
            found.extend(
                item for item in feed.items(idle_seconds=1) if item.envelope.identity == (unit, event_id)
            )
            return found

        until(came, 40)
        return found[0].data, keys.opened(found[0].envelope, found[0].data)


@pytest.mark.parametrize("speaker", SPEAKERS, ids=str)
def test_what_an_example_says_with_a_key_is_in_no_file_and_opens_for_whom_it_concerns(
    secure, office, tmp_path, session_folder, speaker
):
    language, unit, in_a_word = speaker
    canary = f"canary-{uuid.uuid4().hex}"
    control = canary.replace("canary", "control")
    when = {"2026-03-11T09:30:00+08:00": WHEN.isoformat()}
    folder = built(language, tmp_path, {"陈某某": canary, "云环移〔2026〕3号": control, **when})
    done = subprocess.run(
        [*PROGRAMS[language], "1"],
        cwd=folder,
        env=office(unit, in_a_word=in_a_word),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said, read = done.stdout.splitlines()
    assert said.startswith(f"said {SAID[language]}: ingress-{unit}/0/")
    assert read == f"read 1: opinion.to_transfer_issued for-{unit} 逃税罪"
    assert ("get a newer ingress key" in done.stderr) is in_a_word
    sealed, opened = heard(secure, unit, SAID[language])
    assert is_token(sealed["parties"][0]["name"])
    assert opened["parties"][0]["name"] == canary
    assert files_with(canary, session_folder) == []
    assert files_with(control, session_folder) != []
