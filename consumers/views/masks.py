"""How single values are masked: names as Chinese judgments write them, numbers with their middle taken out."""

from __future__ import annotations

HIDDEN = "***"
"""Stands where a text may not be empty and must not be shown."""

# 复姓 that are still common: their first character alone is no surname.
_TWO_CHARACTERS = frozenset(
    {"欧阳", "上官", "司马", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容"}
    | {"令狐", "端木", "夏侯", "长孙", "宇文", "轩辕", "独孤", "南宫", "西门", "第五"}
)
_SHORTEST_NUMBER = 15


def mask_name(name: str) -> str:
    """陈小明 → 陈某某, 李四 → 李某, 欧阳小明 → 欧阳某某; any other script is hidden.

    A name that says 某 is masked already and stays.
    """
    if "某" in name:
        return name
    surname = name[:2] if name[:2] in _TWO_CHARACTERS else name[:1]
    if not surname or not all("\u4e00" <= character <= "\u9fff" for character in surname):
        return HIDDEN
    return surname + ("某" if len(name) - len(surname) == 1 else "某某")


def mask_number(number: str) -> str:
    """An identity number with the place it was issued and its last four characters; shorter ones are hidden."""
    if len(number) < _SHORTEST_NUMBER:
        return HIDDEN
    return number[:6] + "*" * (len(number) - 10) + number[-4:]
