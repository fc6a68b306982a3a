"""Where each limit and each ground of a routing stands in the library: the addresses that other pages link to. Pure."""

from __future__ import annotations

import re
from hashlib import sha256

from consumers.handovers.statutes import BY_KEY
from consumers.transfers.routes import ROUTES

LIMITS, ROUTING = "/library/limits", "/library/routing"
_OTHERS = re.compile(r"[^A-Za-z0-9]+")
_BASES = frozenset(route.basis.cited for route in ROUTES)


def limit_anchor(code: str, version: str) -> str:
    """The anchor of a row of the table of limits."""
    return f"limit-{_OTHERS.sub('-', f'{code}-{version}')}"


def basis_anchor(cited: str) -> str:
    """The anchor of a ground, as deliveries cite it: it follows from the words, so a changed ground has a new one."""
    return f"basis-{sha256(cited.encode()).hexdigest()[:10]}"


def limit_address(code: str, version: str) -> str:
    """Where a limit stands. KeyError for one that the table does not have."""
    return f"{LIMITS}#{limit_anchor(*BY_KEY[code, version].key)}"


def basis_address(cited: str) -> str | None:
    """Where a ground stands; None for one that no row of the table cites any more."""
    return f"{ROUTING}#{basis_anchor(cited)}" if cited in _BASES else None
