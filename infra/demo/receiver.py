"""Where the demonstration's notifications go: a receiver on this machine that answers as a robot and keeps a file."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

_TAKEN = b'{"errcode": 0, "errmsg": "ok"}'
_LONGEST = 1_000_000


class Receiver:
    """Takes what is posted to it and appends it to `file`, one JSON text a line. A context manager; loopback only."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.touch()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(file))
        self._serving = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """What LINKAGE_ROBOT_BASE has to be, so that robots' messages come here."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._serving.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(file: Path) -> type[BaseHTTPRequestHandler]:
    writing = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("content-length", 0)), _LONGEST))
            told = json.dumps(json.loads(body), ensure_ascii=False)
            with writing, file.open("a", encoding="utf-8") as lines:
                lines.write(told + "\n")
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(_TAKEN)))
            self.end_headers()
            self.wfile.write(_TAKEN)

        def log_message(self, *_: object) -> None:
            """The terminal belongs to the demonstration's report."""

    return Handler
