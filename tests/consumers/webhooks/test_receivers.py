"""Nothing is sent to an address or a URL that the operator did not approve, however it is spelt."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.webhooks.addresses import ForbiddenAddressError, check_addresses
from consumers.webhooks.receivers import (
    Receiver,
    ReceiverError,
    Receivers,
    RefusedUrlError,
    load_receivers,
)

PUBLIC = Receiver("by-police", "hooks.example", 443, (), plain=False)
INSIDE = Receiver("by-police", "10.1.2.3", 8443, (ip_network("10.1.2.0/24"),), plain=False)
LOCAL = Receiver("by-police", "127.0.0.1", 9000, (ip_network("127.0.0.0/8"),), plain=True)
APPROVED = Receivers((PUBLIC, INSIDE, LOCAL))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a9fe:a9fe",
        "2002:a9fe:a9fe::",
        "2002:7f00:1::",
        "2001:0:a9fe:a9fe::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "0177.0.0.1",
        "0x7f000001",
        "2130706433",
        "localhost",
        "",
    ],
)
def test_an_address_that_is_not_public_is_forbidden_in_every_spelling(address: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        check_addresses([address], ())


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:93.184.215.14"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert check_addresses([address], ()).is_global


def test_one_forbidden_address_among_others_forbids_the_name() -> None:
    with pytest.raises(ForbiddenAddressError, match=r"127\.0\.0\.1 is not allowed"):
        check_addresses(["93.184.215.14", "127.0.0.1"], ())
    with pytest.raises(ForbiddenAddressError, match="no address"):
        check_addresses([], ())


def test_a_private_address_is_allowed_in_the_approved_network_alone() -> None:
    networks = (ip_network("10.1.2.0/24"),)
    assert str(check_addresses(["10.1.2.9"], networks)) == "10.1.2.9"
    for outside in ("10.1.3.9", "93.184.215.14", "::1"):
        with pytest.raises(ForbiddenAddressError, match=r"allowed: 10\.1\.2\.0/24"):
            check_addresses([outside], networks)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://hooks.example", "/"),
        ("https://hooks.example/linkage?for=police", "/linkage?for=police"),
        ("https://hooks.example:443/a", "/a"),
        ("https://10.1.2.3:8443/", "/"),
        ("http://127.0.0.1:9000/x", "/x"),
    ],
)
def test_an_approved_url_is_taken_apart(url: str, path: str) -> None:
    assert APPROVED.target("by-police", url).path == path


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "http://hooks.example:443/",
        "https://hooks.example:444/",
        "https://hooks.example.evil.example/",
        "https://evil.example/hooks.example",
        "https://hooks.example@evil.example/",
        "https://evil.example#@hooks.example/",
        "https://evil.example\\@hooks.example/",
        "https://hooks.example\\.evil.example/",
        "https://user:word@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example:443:80/",
        "https://hooks.example:x/",
        "https://hooks。example/",
        "https://hooks.example /",
        "https://hooks.example/\r\nHost: evil",
        " https://hooks.example/",
        "//hooks.example/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "https://[::ffff:127.0.0.1]/",
        "https://127.0.0.1/",
        "https://hooks.example/" + "a" * 500,
        "",
    ],
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(RefusedUrlError):
        APPROVED.target("by-police", url)


def test_a_receiver_is_approved_for_its_unit_alone() -> None:
    with pytest.raises(RefusedUrlError, match="not approved for by-env"):
        APPROVED.target("by-env", "https://hooks.example/")


pieces = st.lists(
    st.sampled_from(
        [
            "https:",
            "http:",
            "//",
            "/",
            "hooks.example",
            "evil.example",
            "@",
            ":",
            "#",
            "?",
            "\\",
            "%2f",
            "443",
            "[",
            "::1",
            "]",
            ".",
            "。",
            "\t",
        ]
    ),
    max_size=8,
).map("".join)


@given(pieces)
def test_whatever_is_taken_leads_to_an_approved_host(url: str) -> None:
    try:
        target = APPROVED.target("by-police", url)
    except RefusedUrlError:
        return
    assert target.receiver in APPROVED.rows
    assert url.partition("//")[2].startswith(target.receiver.host)
    assert target.path.startswith("/")


def write(folder: Path, text: str) -> Path:
    path = folder / "receivers.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_of_receivers_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '[[receiver]]\nunit = "by-police"\nhost = "10.1.2.3"\nport = 8443\nnetworks = ["10.1.2.0/24"]\n',
    )
    assert load_receivers(path) == Receivers((INSIDE,))
    assert load_receivers(None) == Receivers()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('host = "a.example"', "lacks 'unit'"),
        ('unit = "u"\nhost = "A.example"', "lower-case name"),
        ('unit = "u"\nhost = "a.example/x"', "lower-case name"),
        ('unit = "u"\nhost = "a.example"\nnetworks = "10.0.0.0/8"', "list of networks"),
        ('unit = "u"\nhost = "a.example"\nnetworks = ["10.0.0.1/8"]', "host bits"),
        ('unit = "u"\nhost = "a.example"\nport = "x"', "invalid literal"),
        ('unit = "u"\nhost = "a.example"\nplain = true', "loopback networks"),
        ('unit = "u"\nhost = "a.example"\nplain = true\nnetworks = ["10.0.0.0/8"]', "loopback networks"),
        ("unit =", "cannot be read"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(ReceiverError, match=told):
        load_receivers(write(tmp_path, f"[[receiver]]\n{row}\n"))
