"""Signing in through an OpenID Connect provider: authorization code with PKCE. Needs the extra `oidc` (Authlib).

The provider says who somebody is; what that person may do stays in our own table of people.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from consumers.console.desk import Attempt, NotProvenError
from infra.settings import Settings

ANSWER_PATH = "/sign-in/oidc/answer"
_DISCOVERY = "/.well-known/openid-configuration"
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures with a key that only the provider has; `none` and shared secrets are no proof."""
_LEEWAY_SECONDS = 60
_TIMEOUT_SECONDS = 10.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class OidcError(RuntimeError):
    """Signing in through a provider cannot be offered as it is set; the text names the setting."""


class Provider:
    """The provider of the settings. Safe between threads; methods block on the network."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self.issuer = settings.oidc_issuer.rstrip("/")
        self._client_id = settings.oidc_client_id
        file = settings.oidc_client_secret_file
        self._client_secret = "" if file is None else file.read_text(encoding="utf-8").strip()
        self._answer = settings.console_address.rstrip("/") + ANSWER_PATH
        self._clock = clock
        _check(settings)

    def begin(self) -> tuple[str, Attempt]:
        """Where to send the browser, and what has to be kept for its return. Raises NotProvenError."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self._client() as client:
            address, _ = client.create_authorization_url(
                self._found()["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return address, Attempt(state, nonce, verifier)

    def subject(self, code: str, attempt: Attempt) -> str:
        """Who the provider says it is, by its unchanging name for the person. Raises NotProvenError."""
        from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415 - an extra

        found = self._found()
        try:
            with self._client() as client:
                token = client.fetch_token(
                    found["token_endpoint"], code=code, code_verifier=attempt.verifier,
                    grant_type="authorization_code",
                )  # fmt: skip
        except (httpx.HTTPError, AuthlibBaseError, ValueError) as error:
            raise NotProvenError(f"the provider gave no token: {type(error).__name__}") from error
        return self._checked(str(token.get("id_token", "")), attempt.nonce, self._read(found["jwks_uri"]))

    def _checked(self, id_token: str, nonce: str, keys: Mapping[str, Any]) -> str:
        from joserfc import jwt  # noqa: PLC0415 - as above
        from joserfc.errors import JoseError  # noqa: PLC0415
        from joserfc.jwk import KeySet  # noqa: PLC0415

        try:
            token = jwt.decode(id_token, KeySet.import_key_set(dict(keys)), algorithms=list(_ALGORITHMS))  # type: ignore[arg-type]
            jwt.JWTClaimsRegistry(
                now=int(self._clock().timestamp()),
                leeway=_LEEWAY_SECONDS,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self._client_id},
                nonce={"essential": True, "value": nonce},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
            ).validate(token.claims)
        except (JoseError, ValueError) as error:
            raise NotProvenError(f"the ID token is not good: {error}") from error
        if token.claims.get("azp", self._client_id) != self._client_id:
            raise NotProvenError("the ID token was issued to another client")
        return str(token.claims["sub"])

    def _found(self) -> Mapping[str, Any]:
        found = self._read(self.issuer + _DISCOVERY)
        if found.get("issuer", "").rstrip("/") != self.issuer:
            raise NotProvenError("the provider calls itself otherwise than LINKAGE_OIDC_ISSUER")
        return found

    def _read(self, address: str) -> Mapping[str, Any]:
        try:
            answer = httpx.get(address, timeout=_TIMEOUT_SECONDS, trust_env=False)
            answer.raise_for_status()
            found: Mapping[str, Any] = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise NotProvenError(f"the provider does not answer: {type(error).__name__}") from error
        return found

    def _client(self) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client  # noqa: PLC0415 - as above

        return OAuth2Client(
            self._client_id,
            self._client_secret or None,
            token_endpoint_auth_method="client_secret_basic" if self._client_secret else "none",
            scope="openid",
            redirect_uri=self._answer,
            code_challenge_method="S256",
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
        )


def provider_of(settings: Settings, clock: Callable[[], datetime]) -> Provider | None:
    """The provider of the settings, if there is one. Raises OidcError."""
    return Provider(settings, clock) if settings.oidc_issuer else None


def _check(settings: Settings) -> None:
    issuer = urlsplit(settings.oidc_issuer)
    if issuer.scheme != "https" and issuer.hostname not in _LOOPBACK:
        raise OidcError("LINKAGE_OIDC_ISSUER has to be an https address")
    if not settings.oidc_client_id:
        raise OidcError("LINKAGE_OIDC_CLIENT_ID is missing: LINKAGE_OIDC_ISSUER needs it")
    try:
        import authlib  # noqa: PLC0415, F401 - as above
    except ImportError:
        raise OidcError(
            "LINKAGE_OIDC_ISSUER needs the extra: pip install 'linkage-bus[oidc]', or leave it out"
        ) from None
