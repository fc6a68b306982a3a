"""An agency's system as it joins the bus: the reference for a certification run, and one that does much of it wrong."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import httpx
from standardwebhooks import Webhook, WebhookVerificationError

CASE = "认证〔2026〕1号"
LETTER = b"%PDF-1.7 transfer letter"
SECONDS = 40.0


@dataclass
class AgencySystem:
    """Talks to `bus` with `key`. With `careless` it does what certification is there to find."""

    bus: str
    key: str
    receiver: str
    careless: bool = False
    _client: httpx.Client = field(init=False)
    _place: int = 0
    _seen: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._client = httpx.Client(
            base_url=self.bus, headers={"Authorization": f"Bearer {self.key}"}, timeout=SECONDS
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def works_through_everything(self) -> None:
        """What the scenarios ask for, from the first event to the webhook."""
        self._says("sent", "transfer.sent", addressee="by-police", offence="非法经营罪")
        for n in ("one", "two", "three"):
            self._says(n, "lead.found", summary=n)
        self._posts([self._event(f"list-{n}", "lead.found", summary=f"list {n}") for n in range(3)])
        self._changes_what_it_said()
        self._says_what_is_not_its_own()
        self._mends_what_was_refused()
        ago = timedelta() if self.careless else timedelta(days=3)
        self._posts(self._event("late", "lead.found", at=datetime.now(UTC) - ago, summary="late"))
        self._sends_a_document()
        self._reads_its_feed()
        self.registers_a_webhook()

    def registers_a_webhook(self) -> str:
        answer = self._client.post("/v1/webhooks", json={"url": self.receiver, "after": 0})
        secret: str = answer.json()["secret"]
        RECEIVED[self.receiver.rpartition("/")[2]] = (secret, self.careless)
        return secret

    def _changes_what_it_said(self) -> None:
        changed = self._event("one", "lead.found", summary="changed")
        assert self._client.post("/v1/events", json=changed).status_code == 409
        if self.careless:
            self._client.post("/v1/events", json=changed)
        self._says("one-b", "lead.found", summary="changed")
        regarding = "unknown" if self.careless else "one"
        taken_back = {"regarding_source": self._unit, "regarding_id": regarding, "reason": "录入错误"}
        self._says("correction", "case.corrected", **taken_back, replacement_id="one-b")

    def _says_what_is_not_its_own(self) -> None:
        foreign = self._event("foreign", "filing.accepted", filing_no="1")
        for _ in range(2 if self.careless else 1):
            assert self._client.post("/v1/events", json=foreign).status_code == 422
        self._says("after", "lead.found", summary="after")

    def _mends_what_was_refused(self) -> None:
        wrong = self._event("mended", "lead.found", summary=7)
        for _ in range(2 if self.careless else 1):
            assert self._client.post("/v1/events", json=wrong).status_code == 422
        if not self.careless:
            self._says("mended", "lead.found", summary="seven")

    def _sends_a_document(self) -> None:
        digest = hashlib.sha256(LETTER).hexdigest()
        if not self.careless:
            self._client.put(
                f"/v1/documents/{digest}", content=LETTER, headers={"Content-Type": "application/pdf"}
            ).raise_for_status()
        letter = {"kind": "涉嫌犯罪案件移送书", "title": "移送书", "sha256": digest, "seal": "electronic"}
        self._says("with-letter", "lead.found", summary="with a letter", documents=[letter])

    def _reads_its_feed(self) -> None:
        while not self._seen:
            self._reads(wait=5)
        if self.careless:
            self._client.get("/v1/feeds/me", params={"after": self._place})
            self._client.get("/v1/feeds/me", params={"after": 0})
            self._client.post("/v1/feeds/me/ack", json={"seq": self._place + 5})
            return
        self._reads(wait=0)
        self._reads(wait=0)
        self._client.post("/v1/feeds/me/ack", json={"seq": self._place}).raise_for_status()

    def _reads(self, wait: float) -> None:
        page = self._client.get("/v1/feeds/me", params={"after": self._place, "wait": wait}).json()
        self._seen |= {item["seq"] for item in page["items"]}
        self._place = page["next"]

    def _says(self, event_id: str, type_: str, **data: Any) -> None:
        self._posts(self._event(event_id, type_, **data))

    def _posts(self, said: Any) -> None:
        """Until there is a receipt; the careless one is impatient, and gives what it repeats a new id."""
        while True:
            answer = self._client.post("/v1/events", json=said)
            if answer.status_code not in (429, 503):
                assert answer.status_code in (200, 201, 207), answer.text
                return
            if not self.careless:
                threading.Event().wait(float(answer.headers["retry-after"]))
            elif answer.status_code == 503:
                said = {**said, "id": f"{said['id']}-again"}

    def _event(self, event_id: str, type_: str, at: datetime | None = None, **data: Any) -> dict[str, Any]:
        time = at or datetime.now(UTC)
        return {
            "id": f"certify-{event_id}",
            "type": type_,
            "case": {"number": CASE},
            "time": time.isoformat(),
            "data": {
                **data,
                **({"regarding_id": f"certify-{data['regarding_id']}"} if "regarding_id" in data else {}),
            },
        }

    @property
    def _unit(self) -> str:
        return self.receiver.rpartition("/")[2]


RECEIVED: dict[str, tuple[str, bool]] = {}
"""Of each unit: the secret that signs what it receives, and whether its receiver is careless."""


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"])).decode()
        secret, careless = RECEIVED.get(self.path.rpartition("/")[2], ("", False))
        told = json.loads(content)
        if not careless and secret and not self._is_signed(secret, content):
            self._reply(401, {})
        elif told["type"] == "linkage.handshake":
            self._reply(200, {} if careless else {"challenge": told["challenge"]})
        else:
            self._reply(200, {})

    def _is_signed(self, secret: str, content: str) -> bool:
        try:
            Webhook(secret).verify(content, dict(self.headers))
        except WebhookVerificationError:
            return False
        return True

    def _reply(self, status: int, told: dict[str, str]) -> None:
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: tests print what they claim."""


def receiving(port: int) -> ThreadingHTTPServer:
    """The receivers of every unit, on `port`; the last part of the path is the unit."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
