"""A small HTTP server on the loopback that notes what it is sent and answers as it is told."""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass
class Got:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> str:
        return self.raw.decode()


@dataclass
class Listening:
    """The server, while it is entered; `got` is what came, in order."""

    body: bytes = b""
    status: int = 200
    got: list[Got] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        listening = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    raw = gzip.decompress(raw)
                headers = {name.lower(): value for name, value in self.headers.items()}
                listening.got.append(Got(self.path, headers, raw))
                self.send_response(listening.status)
                self.send_header("content-length", str(len(listening.body)))
                self.end_headers()
                self.wfile.write(listening.body)

            def log_message(self, *_: object) -> None:
                """Tests tell what went wrong."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._serving = threading.Thread(target=self._server.serve_forever)
        self._serving.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._serving.join()
