"""What people see of content without a reason to see more: cut by the sensitivity of each field. Pure.

For pages, tables and the tail; what is handed to programs is cut by `rules` and stays valid under its contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.catalogue import Sensitivity

LONGEST = 200
MASK = "●●●"
_OPEN = frozenset({Sensitivity.PUBLIC, Sensitivity.INTERNAL})


def is_masked(field: Mapping[str, Any]) -> bool:
    """Whether a field of a contract is personal or restricted; one that does not say counts as restricted."""
    return field.get("sensitivity", Sensitivity.RESTRICTED) not in _OPEN


def masked(value: Any, field: Mapping[str, Any]) -> str:
    """The value of a field of a contract as text, without what its sensitivity keeps back.

    Records and lists are gone through; what stands inside a masked field is masked whatever its own level.
    """
    return _shown(value, field["type"], hidden=is_masked(field))


def masked_text(text: str, level: Sensitivity) -> str:
    """A text of this sensitivity as it may be shown: nothing tells who it names, nor how long it is."""
    return _text(text, hidden=level not in _OPEN)


def without_values(reason: str) -> str:
    """The reason of a refusal without what the field held instead: that may be anything."""
    return reason.partition(", got ")[0]


def _text(text: str, *, hidden: bool) -> str:
    if hidden:
        return MASK if text else ""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _shown(value: Any, type_: Any, *, hidden: bool) -> str:
    if value is None:
        return "—"
    if isinstance(type_, list):
        return _shown(value, type_[-1], hidden=hidden)
    if isinstance(value, list):
        items = type_["items"] if isinstance(type_, Mapping) else "string"
        shown = "; ".join(_shown(one, items, hidden=hidden) for one in value[:5])
        return f"[{len(value)}] {shown}" + ("…" if len(value) > 5 else "")
    if isinstance(value, dict):
        inner = {one["name"]: one for one in type_["fields"]} if isinstance(type_, Mapping) else {}
        return ", ".join(
            f"{name}={_part(one, inner.get(name), hidden=hidden)}" for name, one in value.items()
        )
    if isinstance(value, bytes):
        return f"〔{len(value)} bytes〕"
    return _text(str(value), hidden=hidden)


def _part(value: Any, field: Mapping[str, Any] | None, *, hidden: bool) -> str:
    if field is None:
        return MASK
    return _shown(value, field["type"], hidden=hidden or is_masked(field))
