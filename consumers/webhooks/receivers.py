"""The receivers that the operator has approved, and whether a URL is one of them: pure."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from consumers.webhooks.addresses import Network

HTTPS_PORT = 443
MOST_URL_CHARACTERS = 500
_URL = re.compile(r"https?://[\x21-\x7e]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.\-]*[a-z0-9])?|\[[0-9a-f:.]+\]")


class ReceiverError(ValueError):
    """A table of receivers that cannot be used: says which row and why."""


class RefusedUrlError(ValueError):
    """A URL to which nothing may be sent: says why."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A host and port of one unit, and the networks in which its addresses must lie; none: public addresses.

    `plain` allows http instead of https; only for receivers on this machine.
    """

    unit: str
    host: str
    port: int
    networks: tuple[Network, ...]
    plain: bool


@dataclass(frozen=True, slots=True)
class Target:
    """An approved URL in its parts: where to connect and what to ask for there."""

    receiver: Receiver
    scheme: str
    path: str


@dataclass(frozen=True, slots=True)
class Receivers:
    """All approved receivers of an installation."""

    rows: tuple[Receiver, ...] = ()
    _at: dict[tuple[str, str, int], list[Receiver]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        at: dict[tuple[str, str, int], list[Receiver]] = {}
        for row in self.rows:
            at.setdefault((row.unit, row.host, row.port), []).append(row)
        object.__setattr__(self, "_at", at)

    def target(self, unit: str, url: str) -> Target:
        """The parts of `url`, which `unit` may have as a receiver. Raises RefusedUrlError."""
        scheme, host, port, path = _parts(url)
        for row in self._at.get((unit, host, port), ()):
            if scheme == "https" or row.plain:
                return Target(row, scheme, path)
        raise RefusedUrlError(
            f"{scheme}://{host}:{port} is not approved for {unit}: the operator approves receivers, https only"
        )


def _parts(url: str) -> tuple[str, str, int, str]:
    if len(url) > MOST_URL_CHARACTERS or not _URL.fullmatch(url) or "\\" in url:
        raise RefusedUrlError(f"write https://host/path in at most {MOST_URL_CHARACTERS} ASCII characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise RefusedUrlError("host or port of the URL cannot be read") from None
    if "@" in parts.netloc or parts.fragment or not parts.hostname:
        raise RefusedUrlError("a receiver's URL has a host, and neither user, password nor fragment")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if port is None:
        port = HTTPS_PORT if parts.scheme == "https" else 80
    return parts.scheme, host, port, path


def load_receivers(path: Path | None) -> Receivers:
    """The receivers in a TOML file of `[[receiver]]` tables (see docs/feeds.md); none without a file.

    Raises ReceiverError.
    """
    if path is None:
        return Receivers()
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("receiver", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ReceiverError(f"the receivers in {path} cannot be read: {error}") from error
    return Receivers(tuple(_receiver(row, path) for row in rows))


def _receiver(row: dict[str, object], path: Path) -> Receiver:
    host = str(row.get("host", ""))
    try:
        networks = tuple(ip_network(str(one)) for one in _strings(row.get("networks", [])))
        port = int(str(row.get("port", HTTPS_PORT)))
        made = Receiver(str(row["unit"]), host, port, networks, row.get("plain", False) is True)
    except KeyError as error:
        raise ReceiverError(f"{path}: receiver {host!r} lacks {error}") from error
    except ValueError as error:
        raise ReceiverError(f"{path}: receiver {host!r}: {error}") from error
    if problem := _problem(made):
        raise ReceiverError(f"{path}: receiver {host!r}: {problem}")
    return made


def _problem(receiver: Receiver) -> str:
    if not _HOST.fullmatch(receiver.host):
        return "the host must be a lower-case name, or an address (IPv6 in brackets)"
    local = receiver.networks and all(network.is_loopback for network in receiver.networks)
    if receiver.plain and not local:
        return "plain http is for receivers on this machine: give it loopback networks"
    return ""


def _strings(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list of networks, got {value!r}")  # noqa: TRY004  (one kind of error)
    return value
