"""Signing in through an OpenID Connect provider: only who is proven and admitted, and only in the browser that asked."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey
from sqlalchemy import select, update

from consumers.console.app import create_app
from consumers.console.desk import Console, Options
from consumers.console.identities import link
from infra.oidc import OidcError, provider_of
from infra.settings import Settings
from infra.tables import console_audit, console_users
from tests.consumers.console.conftest import Person
from tests.infra.provider import Provider

pytestmark = pytest.mark.postgres

CONSOLE = "http://console.test"


@pytest.fixture(scope="module")
def running():
    with Provider() as provider:
        yield provider


@pytest.fixture
def provider(running, clock):
    """The provider as it is when nothing is wrong."""
    running.clock = clock
    running.claims, running.foreign_key, running.subject = {}, None, "u-1001"
    return running


@pytest.fixture
def settings(provider, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(f"{provider.client_secret}\n")
    return Settings(
        oidc_issuer=provider.issuer,
        oidc_client_id=provider.client_id,
        oidc_client_secret_file=secret,
        console_url=CONSOLE,
    )


@pytest.fixture
def open_door(empty, rulebook, clock, settings, provider):
    """Opens a browser at a console with the provider, which knows the clerk `env`."""
    with empty.begin() as connection:
        link(connection, "env", provider.issuer, "u-1001")

    def opened() -> Person:
        console = Console(empty, rulebook, clock, Options(), proving=provider_of(settings, clock))
        return Person(TestClient(create_app(console), base_url=CONSOLE))

    return opened


def come_back(person: Person, provider: Provider, path: str = "/sign-in/oidc", **instead: str):
    """Goes to the provider, signs in there, and returns with what it gave."""
    back = provider.authorize(person.get(path).headers["location"])
    assert back.pop("redirect_uri") == f"{CONSOLE}/sign-in/oidc/answer"
    return person.get("/sign-in/oidc/answer", params=back | instead)


def last(connector):
    with connector.connect() as connection:
        return connection.execute(select(console_audit).order_by(console_audit.c.n.desc())).first()


def test_who_the_provider_knows_is_let_in_where_they_wanted_to_go(open_door, provider, empty):
    person = open_door()
    assert "/sign-in/oidc" in person.get("/sign-in").text
    answer = come_back(person, provider, "/sign-in/oidc?next=/cases")
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases")
    assert (last(empty).user, last(empty).action) == ("env", "sign-in")
    assert person.get("/cases").status_code == 200


def test_nobody_is_sent_elsewhere_afterwards(open_door, provider):
    answer = come_back(open_door(), provider, "/sign-in/oidc?next=https://elsewhere.test")
    assert answer.headers["location"] == "/"


def test_a_second_factor_of_ours_is_still_asked_for(open_door, provider, empty):
    with empty.begin() as connection:
        changed = update(console_users).where(console_users.c.name == "env")
        connection.execute(changed.values(second_factor=True, secret="JBSWY3DPEHPK3PXP"))
    person = open_door()
    assert come_back(person, provider).headers["location"] == "/second-factor"
    assert person.get("/today").headers["location"] == "/second-factor"


@pytest.mark.parametrize("why", ["unknown", "shut out", "unlinked"])
def test_who_is_not_admitted_here_stays_outside(open_door, provider, empty, why):
    with empty.begin() as connection:
        if why == "shut out":
            connection.execute(update(console_users).values(active=False))
        if why == "unlinked":
            link(connection, "env", provider.issuer, "")
    provider.subject = "u-9" if why == "unknown" else "u-1001"
    person = open_door()
    assert come_back(person, provider).status_code == 401
    assert (last(empty).action, person.get("/today").status_code) == ("refused", 303)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"iss": "https://another.test"},
        {"nonce": "replayed"},
        {"exp": 1},
        {"azp": "another"},
        {"sub": None},
    ],
)
def test_a_token_that_is_not_for_us_proves_nothing(open_door, provider, claims):
    provider.claims = claims
    assert come_back(open_door(), provider).status_code == 401


def test_a_token_signed_by_another_proves_nothing(open_door, provider):
    provider.foreign_key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    assert come_back(open_door(), provider).status_code == 401


def test_a_browser_that_did_not_ask_is_not_let_in(open_door, provider):
    victim, attacker = open_door(), open_door()
    back = provider.authorize(attacker.get("/sign-in/oidc").headers["location"])
    back.pop("redirect_uri")
    assert victim.get("/sign-in/oidc/answer", params=back).status_code == 401
    assert come_back(victim, provider, state="guessed").status_code == 401
    assert come_back(victim, provider, code="guessed").status_code == 401
    assert come_back(victim, provider, error="access_denied").status_code == 401


def test_a_code_is_good_once(open_door, provider):
    person = open_door()
    location = person.get("/sign-in/oidc").headers["location"]
    back = provider.authorize(location)
    back.pop("redirect_uri")
    cookie = person.client.cookies.get("linkage_provider")
    assert person.get("/sign-in/oidc/answer", params=back).status_code == 303
    person.client.cookies.set("linkage_provider", cookie, path="/sign-in/oidc")
    assert person.get("/sign-in/oidc/answer", params=back).status_code == 401


def test_without_a_provider_there_is_no_such_door(open_console, empty):
    person = open_console(empty)
    assert "/sign-in/oidc" not in person.get("/sign-in").text
    assert person.get("/sign-in/oidc").status_code == 404


def test_a_provider_out_of_reach_lets_nobody_in(empty, rulebook, clock, settings):
    away = settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    console = Console(empty, rulebook, clock, Options(), proving=provider_of(away, clock))
    assert Person(TestClient(create_app(console), base_url=CONSOLE)).get("/sign-in/oidc").status_code == 401


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"oidc_issuer": "http://id.example"}, "https"), ({"oidc_client_id": ""}, "LINKAGE_OIDC_CLIENT_ID")],
)
def test_a_provider_that_cannot_be_used_is_said_at_start(settings, clock, changes, told):
    with pytest.raises(OidcError, match=told):
        provider_of(settings.model_copy(update=changes), clock)
