"""What ranks units that something is wrong with: the legal time that is left to each. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeVar

One = TypeVar("One")


def by_time_left(
    found: Iterable[One], unit: Callable[[One], str], limits: Mapping[str, datetime]
) -> list[One]:
    """The unit with the nearest limit first, those without one last; otherwise in the order in which they came."""

    def key(one: One) -> tuple[bool, float]:
        due = limits.get(unit(one))
        return due is None, 0.0 if due is None else due.timestamp()

    return sorted(found, key=key)
