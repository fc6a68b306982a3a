"""Identities that any party derives without asking: case ids, and ids of what the bus derives."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID, uuid5

CASES = UUID("0b6c2f0e-6f0a-5c55-9d6b-7b2f6d0a1c01")
DERIVED = UUID("0b6c2f0e-6f0a-5c55-9d6b-7b2f6d0a1c02")


@lru_cache(maxsize=4096)  # what is said of one case comes together
def case_id(origin_unit: str, origin_case: str) -> UUID:
    """The id of the case that `origin_unit` opened under its own number `origin_case` (案号)."""
    return uuid5(CASES, f"{origin_unit}\n{origin_case.strip()}")


def derived_id(parent: str, rule: str, target: str) -> UUID:
    """The id of something the bus derives from `parent` (an event's `source/id`, or another derived id).

    The same parent, rule and target always give the same id, so a replay or a second worker derives
    no second thing.
    """
    return uuid5(DERIVED, f"{parent}\n{rule}\n{target}")
