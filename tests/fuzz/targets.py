"""What is fuzzed: for each way in that takes bytes of strangers, seeds and a function that checks what it promises.

A target returns a word for how the input was taken, for the report; whatever it raises is a finding.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from openpyxl import Workbook

import infra.dev
from consumers.webhooks.addresses import ForbiddenAddressError, check_addresses
from consumers.webhooks.receivers import Receiver, Receivers, RefusedUrlError
from producers.imports.apart import read_apart
from producers.imports.reading import UnreadableError, read_sheet
from schemas import codec
from schemas.admission import Admitted, Refusal, admit
from schemas.envelope import EnvelopeError, read_headers, write_headers
from schemas.samples import all_samples
from schemas.sealed.ingress import IngressKey, Opening, is_sealed, public_half, sealed_for, unsealed
from schemas.sealed.suites import SUITES
from schemas.units import load_register

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LARGEST = 256 * 1024
_REGISTER = load_register(Path(infra.dev.__file__).with_name("units.toml"))
_APPROVED = Receivers(
    (
        Receiver("by-env", "hooks.env.example", 443, (), plain=False),
        Receiver("by-env", "[2001:db8::1]", 8443, (ip_network("2001:db8::/32"),), plain=False),
        Receiver("by-env", "127.0.0.1", 9000, (ip_network("127.0.0.0/8"),), plain=True),
    )
)
_KEY = IngressKey("abcd_-12", SUITES["aes"], public_half(bytes(32)), NOW, NOW + timedelta(days=1))
_OPENING = Opening(_KEY.name, _KEY.suite, _KEY.expires_at, bytes(32))
_SEALED_FOR = next(iter(all_samples())).envelope
_XLS = Path(__file__).parents[1] / "producers" / "imports" / "transfers.xls"


@dataclass(frozen=True, slots=True)
class Target:
    """One way in. `apart` is how it is taken in a process of its own, if the product does so to bound its memory."""

    name: str
    take: Callable[[bytes], str]
    seeds: Callable[[], Iterator[bytes]]
    apart: Callable[[bytes], str] | None = None


def _decode(content: bytes) -> str:
    """A payload is refused as Undecodable, or means the same when it is written again."""
    try:
        decoded = codec.decode(content)
        codec.check(content, decoded)
    except codec.Undecodable:
        return "refused"
    again = codec.write(decoded.event_type.name, decoded.data)
    assert codec.decode(again).data == decoded.data
    return "read"


def _payloads() -> Iterator[bytes]:
    for one in all_samples():
        yield codec.encode_json(one.envelope.type, one.data)


def _headers(content: bytes) -> str:
    """Headers are refused as EnvelopeError, or read the same when they are written again."""
    headers = _split(content)
    try:
        envelope = read_headers(headers)
    except EnvelopeError:
        return "refused"
    assert read_headers(write_headers(envelope)) == envelope
    return "read"


def _admit(content: bytes) -> str:
    """Intake says yes or no to any record, and raises nothing."""
    head, _, value = content.partition(b"\n\n")
    verdict = admit(
        key=head[:36],
        value=value,
        headers=_split(head),
        owner="by-env",
        register=_REGISTER,
        now=NOW,
        max_bytes=LARGEST,
    )
    return "admitted" if isinstance(verdict, Admitted) else verdict.reason.value


def _split(content: bytes) -> list[tuple[str, bytes]]:
    lines = (line.partition(b": ") for line in content.split(b"\n"))
    return [(name.decode("utf-8", "replace"), text) for name, _, text in lines]


def _envelopes() -> Iterator[bytes]:
    for one in all_samples():
        yield b"\n".join(name.encode() + b": " + text for name, text in write_headers(one.envelope))


def _records() -> Iterator[bytes]:
    for headers, value in zip(_envelopes(), _payloads(), strict=True):
        yield headers + b"\n\n" + value


def _unseal(content: bytes) -> str:
    """A value that claims to be sealed is refused with a reason, or is the very one that was sealed."""
    if not is_sealed(content):
        return "clear"
    found = unsealed(content, _SEALED_FOR, {_KEY.name: _OPENING}, NOW)
    if isinstance(found, Refusal):
        return found.reason.value
    assert found == b"said"
    return "opened"


def _sealed_values() -> Iterator[bytes]:
    yield sealed_for(_KEY, _SEALED_FOR, b"said", bytes)
    yield sealed_for(replace(_KEY, name="other___"), _SEALED_FOR, b"said", bytes)


def _import(content: bytes) -> str:
    """A file is refused as UnreadableError, or read within its bounds."""
    try:
        sheet = read_sheet(content, name="fuzzed")
    except UnreadableError:
        return "refused"
    assert len(sheet.lines) <= 10_000
    return "read"


def _import_apart(content: bytes) -> str:
    """What the memory of one process is not enough for is refused, and that process alone ends."""
    try:
        read_apart(content, name="fuzzed")
    except UnreadableError:
        return "refused"
    return "read"


def _sheets() -> Iterator[bytes]:
    book = Workbook()
    for row in (["案件编号", "移送文书号", "日期"], ["白环移〔2026〕17号", "7", "2026年3月11日"]):
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    yield packed.getvalue()
    yield _XLS.read_bytes()
    text = "案件编号,移送文书号,日期\r\n白环移〔2026〕17号,7,2026-03-11\r\n"
    yield text.encode("utf-8-sig")
    yield text.encode("gb18030")


def _webhook(content: bytes) -> str:
    """A URL is refused, or leads to an approved host and port; an address lies in its networks."""
    text = content.decode("utf-8", "replace")
    try:
        target = _APPROVED.target("by-env", text)
    except RefusedUrlError:
        return _address(text)
    assert target.receiver in _APPROVED.rows
    assert target.path.startswith("/")
    assert target.path.isascii()
    assert not set(target.path) & set(" \r\n\0")
    return "approved"


def _address(text: str) -> str:
    networks = (ip_network("10.0.0.0/8"),)
    try:
        assert check_addresses([text], networks) in networks[0]
        check_addresses([text], ())
    except ForbiddenAddressError:
        return "refused"
    raise AssertionError(f"{text!r} is private, and was taken for public")


def _urls() -> Iterator[bytes]:
    for text in (
        "https://hooks.env.example/linkage?unit=by-env",
        "https://hooks.env.example:443/",
        "https://[2001:db8::1]:8443/x",
        "http://127.0.0.1:9000/hook",
        "https://hooks.env.example@evil.example/",
        "https://hooks.env.example.evil.example:443/%0d%0a",
        "10.1.2.3",
        "::ffff:10.1.2.3",
        "64:ff9b::10.0.0.1",
    ):
        yield text.encode()


TARGETS = {
    target.name: target
    for target in (
        Target("decoder", _decode, _payloads),
        Target("headers", _headers, _envelopes),
        Target("admission", _admit, _records),
        Target("sealed", _unseal, _sealed_values),
        Target("imports", _import, _sheets, _import_apart),
        Target("webhooks", _webhook, _urls),
    )
}
