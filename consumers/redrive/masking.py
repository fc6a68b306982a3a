"""What an operator sees of content without a reason to see more: cut by the sensitivity of each field. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.catalogue import Sensitivity

LONGEST = 200
HIDDEN = "〔限制知悉 restricted〕"
_ORDER = tuple(Sensitivity)


def higher(one: Sensitivity, other: Sensitivity) -> Sensitivity:
    """The stricter of two levels."""
    return max(one, other, key=_ORDER.index)


def masked(value: Any, field: Mapping[str, Any], *, above: Sensitivity = Sensitivity.PUBLIC) -> str:
    """The value of a field of a contract as text, without what its sensitivity keeps back.

    A personal text keeps its first character, so that people can tell records apart; nothing tells how long it
    was. Records and lists are gone through; what stands inside a sensitive field is at least as sensitive.
    """
    level = higher(above, Sensitivity(field.get("sensitivity", Sensitivity.RESTRICTED)))
    return _shown(value, field["type"], level)


def masked_text(text: str, level: Sensitivity) -> str:
    """A text of this sensitivity as it may be shown."""
    if level is Sensitivity.RESTRICTED:
        return HIDDEN
    if level is Sensitivity.PERSONAL:
        return f"{text[:1]}＊＊" if text else ""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _shown(value: Any, type_: Any, level: Sensitivity) -> str:
    if value is None:
        return "—"
    if isinstance(type_, list):
        return _shown(value, type_[-1], level)
    if isinstance(value, list):
        items = type_["items"] if isinstance(type_, Mapping) else "string"
        shown = "; ".join(_shown(one, items, level) for one in value[:5])
        return f"[{len(value)}] {shown}" + ("…" if len(value) > 5 else "")
    if isinstance(value, dict):
        inner = {one["name"]: one for one in type_["fields"]} if isinstance(type_, Mapping) else {}
        return ", ".join(
            f"{name}={masked(one, inner[name], above=level)}" if name in inner else f"{name}={HIDDEN}"
            for name, one in value.items()
        )
    if isinstance(value, bytes):
        return f"〔{len(value)} bytes〕"
    return masked_text(str(value), level)
