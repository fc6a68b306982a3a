"""Starters tell who seals what they say, if the installation seals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.starters import LANGUAGES, Place, starter

PLACE = Place(
    unit="by-env",
    addressee="by-casemgmt",
    gateway="http://127.0.0.1:8080",
    bootstrap="127.0.0.1:9092",
    namespace="",
    protocol="PLAINTEXT",
    principal="",
    seals=True,
)
SAYS_SO = {
    "curl": "# Personal data: the gateway seals it",
    "python": "GatewayIngress(gateway",
    "java": "// Personal data: the gateway seals it",
    "javascript": "// Personal data: the gateway seals it",
    "kafka": "would lie in ingress-by-env in the clear. Seal every value to\n# LINKAGE_INGRESS_KEY",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_starter_says_who_seals_and_no_word_of_it_where_nothing_is_sealed(language: str) -> None:
    told = SAYS_SO[language]
    assert told in starter(language, PLACE)
    assert told not in starter(language, replace(PLACE, seals=False))
