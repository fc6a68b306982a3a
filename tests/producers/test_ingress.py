"""Where publishers get the ingress key from, and what they do when it is missing, old or expired."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import structlog

from producers.errors import NotSealed
from producers.ingress import GatewayIngress, IngressSealer, fixed_key
from producers.records import Statement, record_of
from schemas.codec import encode
from schemas.sealed.ingress import Opening, is_sealed, unsealed
from tests.schemas.sealed.test_ingress import NOW, SECRET, key

SAID = record_of(
    Statement("transfer.sent", "案1", NOW, {"addressee": "by-police"}, id="1"), unit="by-env", encode=encode
)


class Gateway:
    """Answers `GET /v1/ingress-key` with `text`, or with an error while there is none; counts the questions."""

    def __init__(self) -> None:
        self.text = ""
        self.asked: list[str] = []
        self.answered = threading.Semaphore(0)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(f"{self.path} {self.headers['Authorization']}")
                self.send_response(200 if outer.text else 503)
                self.end_headers()
                self.wfile.write(f'{{"text": "{outer.text}"}}'.encode())
                outer.answered.release()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.close()


def later(text: str) -> str:
    """The text of another key."""
    return text.replace("abcd_-12", "efgh_-34")


def until(source: GatewayIngress, name: str) -> None:
    """Asks until the key of this name is known; the test's own time limit ends it."""
    while (known := source()) is None or known.name != name:
        pass


def test_a_sealed_record_is_the_same_event_and_opens_to_what_was_said() -> None:
    sealed = IngressSealer(fixed_key(key().text))(SAID, NOW)
    assert sealed is not None
    assert is_sealed(sealed.value)
    assert (sealed.envelope, sealed.headers, sealed.key, sealed.digest) == (
        SAID.envelope,
        SAID.headers,
        SAID.key,
        SAID.digest,
    )
    openings = {"abcd_-12": Opening("abcd_-12", key().suite, key().expires_at, SECRET)}
    assert unsealed(sealed.value, sealed.envelope, openings, NOW) == SAID.value


def test_nothing_is_sealed_to_a_key_that_has_expired_and_the_error_says_where_another_is() -> None:
    seal = IngressSealer(fixed_key(key().text))
    with pytest.raises(NotSealed, match=r"expired at 2026-09-06.*GET /v1/ingress-key"):
        seal(SAID, key().expires_at)


def test_from_its_day_on_a_key_that_should_be_renewed_is_warned_of_once_an_hour() -> None:
    seal = IngressSealer(fixed_key(key().text))
    with structlog.testing.capture_logs() as lines:
        for minutes in (-1, 0, 1, 59, 60, 61):
            assert seal(SAID, key().renew_by + timedelta(minutes=minutes))
    assert [line["log_level"] for line in lines] == ["warning", "warning"]
    assert lines[0]["key"] == "abcd_-12"


def test_without_a_key_there_is_no_sealed_record() -> None:
    assert IngressSealer(lambda: None)(SAID, NOW) is None


def test_the_gateway_is_asked_once_and_again_after_an_hour(gateway: Gateway) -> None:
    clock = [0.0]
    gateway.text = key().text
    source = GatewayIngress(gateway.address, "lk_1", steady=lambda: clock[0])
    assert [source(), source(), source()] == [key()] * 3
    assert gateway.asked == ["/v1/ingress-key Bearer lk_1"]
    gateway.text, clock[0] = later(key().text), 3600.0
    until(source, "efgh_-34")
    assert len(gateway.asked) == 2


def test_while_the_gateway_is_away_the_last_key_stays_and_nobody_waits_for_another(gateway: Gateway) -> None:
    clock = [0.0]
    gateway.text = key().text
    source = GatewayIngress(gateway.address, "lk_1", steady=lambda: clock[0])
    assert source() == key()
    gateway.text, clock[0] = "", 3600.0
    assert [source(), source()] == [key()] * 2
    assert gateway.answered.acquire(timeout=10)
    assert gateway.answered.acquire(timeout=10)
    clock[0] = 3659.9
    assert source() == key()
    assert len(gateway.asked) == 2


def test_a_gateway_that_has_not_told_a_key_yet_is_asked_again_after_a_minute(gateway: Gateway) -> None:
    clock = [0.0]
    source = GatewayIngress(gateway.address, "lk_1", steady=lambda: clock[0])
    assert source() is None
    gateway.text = key().text
    assert source() is None
    clock[0] = 60.0
    assert source() == key()


def test_the_key_is_known_from_one_start_to_the_next(gateway: Gateway, tmp_path: Path) -> None:
    gateway.text, file = key().text, tmp_path / "ingress.key"
    assert GatewayIngress(gateway.address, "lk_1", keep=file)() == key()
    gateway.text = ""
    assert GatewayIngress(gateway.address, "lk_1", keep=file)() == key()
    file.write_text("torn", encoding="utf-8")
    assert GatewayIngress(gateway.address, "lk_1", keep=file)() is None
