"""What the examples in Java and JavaScript seal, intake opens; their HPKE gives what the published vectors say."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import PIPE

import orjson
import pytest

from infra.dev.process import free_port
from infra.problems import NO_INGRESS_KEY, NOT_FOUND
from schemas.admission import Reason, Refusal
from schemas.envelope import Envelope, read_headers, write_headers
from schemas.identity import case_id
from schemas.sealed.ingress import IngressKey, Opening, public_half, unsealed
from schemas.sealed.suites import SUITES
from schemas.spans import Precision
from tests.producers.examples import EXAMPLES, needing

HERE = Path(__file__).with_name("sealing")
NOW = datetime(2026, 3, 10, tzinfo=UTC)
SECRET = bytes(range(32))
KEY = IngressKey("abcd_-12", SUITES["aes"], public_half(SECRET), NOW + timedelta(90), NOW + timedelta(180))
OPENINGS = {KEY.name: Opening(KEY.name, KEY.suite, KEY.expires_at, SECRET)}
ABOUT = Envelope(
    id="t-17",
    source="by-env",
    type="transfer.sent",
    subject=case_id("by-env", "云环立〔2026〕9号"),
    time=NOW,
    origin_unit="by-env",
    origin_case="云环立〔2026〕9号",
)

# From the vectors published with RFC 9180: base mode, this suite, the first encryption.
VECTOR = {
    "pkRm": "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c",
    "skEm": "179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11",
    "pkEm": "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256",
    "info": "4f6465206f6e2061204772656369616e2055726e",
    "pt": "4265617574792069732074727574682c20747275746820626561757479",
    "aad": "436f756e742d30",
}
VECTOR_GIVES = {
    "enc": "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256",
    "key": "f50b0609186798729ed0564b36ef2ef8044f1f9d05636874d1f46c819c7a669f",
    "base_nonce": "151d9929e2449747889bc923",
    "ct": "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a",
}
SMALL_ORDER = bytes(32).hex()

Ask = Callable[..., list[str]]
"""Lines for the example's sealing, and its answer to each."""


def _java(folder: Path) -> list[str]:
    needing("java", "javac")
    sources = (EXAMPLES / "java" / "src" / "main" / "java" / "Sealing.java", HERE / "SealingAsked.java")
    subprocess.run(["javac", "-d", str(folder), *map(str, sources)], check=True, timeout=120)
    return ["java", "-cp", str(folder), "SealingAsked"]


def _javascript(folder: Path) -> list[str]:
    needing("node")
    return [
        "node",
        str(shutil.copy(HERE / "sealing_asked.mjs", folder)),
        str(EXAMPLES / "javascript" / "sealing.mjs"),
    ]


@pytest.fixture(scope="module", params=[_java, _javascript], ids=["java", "javascript"])
def ask(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    command = request.param(tmp_path_factory.mktemp("sealing"))
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, bufsize=1) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        said, heard = running.stdin, running.stdout

        def asked(*lines: str) -> list[str]:
            said.writelines(f"{line}\n" for line in lines)
            return [heard.readline().rstrip("\n") for _ in lines]

        yield asked
        said.close()


def seal(
    value: bytes, about: Envelope = ABOUT, *, key: IngressKey = KEY, at: datetime = NOW, told: str = ""
) -> str:
    """The line that asks for it. `told`: how the time of the event is written."""
    headers = {name: raw.decode() for name, raw in write_headers(about)}
    headers |= {"ce_time": told} if told else {}
    moment = at.isoformat().replace("+00:00", "Z")
    return " ".join(
        ["seal", moment, key.text, f"x{value.hex()}", *(f"{name}={one}" for name, one in headers.items())]
    )


def opened(answer: str, about: Envelope = ABOUT) -> bytes | Refusal:
    return unsealed(bytes.fromhex(answer), about, OPENINGS, NOW)


ANSWERS = {
    "tells": (200, orjson.dumps({"name": KEY.name, "text": KEY.text})),
    "has-none": (
        404,
        orjson.dumps({"type": f"urn:linkage:problem:{NO_INGRESS_KEY.slug}"}),
    ),
    "has-another-address": (404, orjson.dumps({"type": f"urn:linkage:problem:{NOT_FOUND.slug}"})),
    "is-no-gateway": (404, b"<html>nothing here</html>"),
    "knows-nobody": (401, orjson.dumps({"type": "urn:linkage:problem:unauthorised"})),
    "babbles": (200, b"{}"),
}


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        who, _, path = self.path.lstrip("/").partition("/")
        known = path == "v1/ingress-key" and self.headers["Authorization"] == "Bearer lk_1"
        status, body = ANSWERS[who if known else "is-no-gateway"]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@pytest.fixture(scope="module")
def gateways() -> Iterator[str]:
    """The address under which each of ANSWERS is given by one that is called so."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_key_is_the_one_that_was_handed_over_or_else_what_the_gateway_tells(
    ask: Ask, gateways: str
) -> None:
    own = replace(KEY, name="handed_o").text
    told = ask(f"key {gateways}/tells", f"key {gateways}/tells/", f"key {gateways}/tells {own}")
    assert told == [KEY.name, KEY.name, "handed_o"]


def test_only_a_gateway_that_says_so_has_no_key_and_any_other_answer_stops_the_program(
    ask: Ask, gateways: str
) -> None:
    silent = f"http://127.0.0.1:{free_port()}"
    assert ask(f"key {gateways}/has-none") == ["none"]
    others = ask(
        *(
            f"key {gateways}/{one}"
            for one in ("has-another-address", "is-no-gateway", "knows-nobody", "babbles")
        ),
        f"key {silent}",
    )
    assert all(one.startswith("refused ") for one in others), others


def test_hpke_gives_what_the_published_vector_says(ask: Ask) -> None:
    [told] = ask(" ".join(["hpke", *VECTOR.values()]))
    assert told.split(" ") == list(VECTOR_GIVES.values())


def test_a_public_key_that_agrees_on_nothing_is_refused(ask: Ask) -> None:
    [told] = ask(" ".join(["hpke", *(VECTOR | {"pkRm": SMALL_ORDER}).values()]))
    assert told.startswith("refused ")


def test_a_value_of_any_length_opens_to_what_it_was_and_tells_its_length_to_64_bytes_only(ask: Ask) -> None:
    values = [bytes([7]) * size for size in (0, 1, 62, 63, 64, 65, 127, 128, 1000)] + [b"\x80\0", bytes(70)]
    answers = ask(*(seal(value) for value in values))
    assert [opened(one) for one in answers] == values
    assert len(answers[0]) == len(answers[1]) == len(answers[3])


@pytest.mark.parametrize("precision", [Precision.SECOND, Precision.DAY])
@pytest.mark.parametrize(
    "written",
    [
        "2026-03-11T09:30:00+08:00",
        "2026-03-11T01:30:00Z",
        "2026-03-11T01:30:00.5Z",
        "2026-01-01T07:59:59.000042+08:00",
        "2026-03-11T01:30:00.000+00:00",
        "2026-03-11T01:30:00.123456789Z",
    ],
)
def test_it_opens_for_the_event_however_its_time_is_written(
    ask: Ask, written: str, precision: Precision
) -> None:
    about = replace(ABOUT, precision=precision)
    headers = [(name, written.encode() if name == "ce_time" else raw) for name, raw in write_headers(about)]
    [told] = ask(seal(b"said", about, told=written))
    assert opened(told, read_headers(headers)) == b"said"


def test_without_a_precision_it_is_known_to_the_second(ask: Ask) -> None:
    [told] = ask(seal(b"said").replace(" ce_timeprecision=second", ""))
    assert opened(told) == b"said"


def test_it_opens_for_no_other_event(ask: Ask) -> None:
    [told] = ask(seal(b"said"))
    refused = opened(told, replace(ABOUT, id="t-18"))
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.NOT_OPENED


def test_the_same_value_sealed_twice_is_not_seen_to_be_the_same(ask: Ask) -> None:
    first, again = ask(seal(b"said"), seal(b"said"))
    assert first != again


def test_an_expired_key_and_one_whose_suite_is_not_there_seal_nothing(ask: Ask) -> None:
    sm = replace(KEY, suite=SUITES["sm"])
    last, late, other, junk = ask(
        seal(b"said", at=KEY.expires_at - timedelta(seconds=1)),
        seal(b"said", at=KEY.expires_at),
        seal(b"said", key=sm),
        seal(b"said").replace("linkage-ingress.1", "linkage-ingress.2"),
    )
    assert opened(last) == b"said"
    assert "ingress key abcd_-12 expired at 2026-09-06T00:00:00" in late
    assert "suite S" in other
    assert "say it to the gateway" in other
    assert "this is no ingress key" in junk
