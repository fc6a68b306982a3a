"""The profiles that an office may turn on: every one that some row of the tables names, and no other. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

from consumers.handovers.open_points import OPEN_POINTS
from consumers.handovers.statutes import STATUTES
from consumers.thresholds.standards import STANDARDS
from consumers.transfers.routes import ROUTES


class ProfileError(ValueError):
    """A profile that no rule has: says which one was meant, or which there are."""


@cache
def known_profiles() -> frozenset[str]:
    """Every profile that some row of the tables names."""
    named = {row.profile for row in ROUTES} | {row.profile for row in STANDARDS}
    named |= {row.profile for row in STATUTES}
    named |= {pause.profile for row in STATUTES for pause in row.duty.pauses}
    named |= {choice.profile for point in OPEN_POINTS for choice in point.choices}
    return frozenset(name for name in named if name is not None)


def require_known(profiles: Iterable[str]) -> None:
    """Raise ProfileError if no rule has one of the profiles: misspelt, it would silently turn nothing on."""
    for name in sorted(set(profiles) - known_profiles()):
        raise ProfileError(f"LINKAGE_PROFILES: no rule has the profile {name!r}; {_advice(name)}")


def _advice(name: str) -> str:
    if name.lower() in known_profiles():
        return f"did you mean {name.lower()}?"
    rows = [row for row in STATUTES if name.lower() in (code.lower() for code in (row.code, *row.also))]
    if rows:
        profiles = sorted({row.profile for row in rows if row.profile is not None})
        on = any(row.profile is None for row in rows)
        limit = f"it is the code of a limit, {rows[0].en}"
        return f"{limit}, which {'is always on' if on else f'the profile {profiles[0]} turns on'}"
    near = get_close_matches(name.lower(), known_profiles(), n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known_profiles()))}"
