"""A small OpenID Connect provider on the loopback: discovery, keys, codes and tokens, PKCE checked as the RFC says."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey


@dataclass
class Provider:
    """Issues a code for whoever is `subject`; `claims` replaces claims of the ID token, as a broken one would."""

    subject: str = "u-1001"
    client_id: str = "linkage"
    client_secret: str = "between us"
    claims: dict[str, Any] = field(default_factory=dict)
    signing_key: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    )
    foreign_key: RSAKey | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    port: int = 0
    _asked: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def authorize(self, address: str) -> dict[str, str]:
        """What the browser brings back, once the person has signed in at this address."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["scope"] == "openid"
        code = secrets.token_urlsafe(8)
        self._asked[code] = asked
        return {"state": asked["state"], "code": code, "redirect_uri": asked["redirect_uri"]}

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        expected = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        asked = self._asked.pop(form.get("code", ""), None)  # a code is good once
        if authorization != f"Basic {expected}" or asked is None:
            return 400, {"error": "invalid_grant"}
        proof = (
            base64.urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        )
        if proof != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer, "aud": self.client_id, "sub": self.subject, "nonce": asked["nonce"],
            "iat": now, "exp": now + 60,
        } | self.claims  # fmt: skip
        key = self.foreign_key or self.signing_key
        id_token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": id_token}

    def _document(self, path: str) -> dict[str, Any] | None:
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            },
            "/keys": {"keys": [self.signing_key.as_dict(private=False)]},
        }.get(path)

    def __enter__(self) -> Self:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = provider._document(self.path)
                self._answer(404 if found is None else 200, found or {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self._answer(*provider._token(form, self.headers.get("authorization", "")))

            def _answer(self, status: int, content: dict[str, Any]) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

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
