"""Persons whom stricter rules protect: how juveniles, victims and informants are told in the parties of an event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

ADULT_YEARS = 18


class Protected(StrEnum):
    """Why a person is protected; the names are those of the columns of a view."""

    INFORMANT = "informants"
    JUVENILE = "juveniles"
    VICTIM = "victims"


@dataclass(frozen=True, slots=True)
class Sign:
    """Words in a party's role that tell who the person is, as a pattern; and on what the protection leans (mark D)."""

    protected: Protected
    zh: str
    en: str
    words: str
    basis: str


SIGNS: tuple[Sign, ...] = (
    Sign(
        Protected.INFORMANT,
        "举报人、报案人、控告人、证人",
        "informants, complainants and witnesses",
        r"(?<!被)(举报|报案|控告|检举)|线人|证人|informant|witness",
        "《刑事诉讼法》第64条、第111条",
    ),
    Sign(
        Protected.JUVENILE,
        "未成年人",
        "juveniles",
        r"未成年|少年|儿童|juvenile|minor",
        "《未成年人保护法》第103条",
    ),
    Sign(
        Protected.VICTIM,
        "被害人、受害人",
        "victims",
        r"被害|受害|victim",
        "《刑事诉讼法》第64条",
    ),
)
"""The first row that fits holds: a juvenile who informed is hidden as an informant is, which is stricter."""

_ORGANISATIONS = frozenset({"legal_person", "other_organisation"})
# 公民身份号码: 6 digits of the place, then the day of birth, 3 digits and a check character.
_ID_NUMBER = re.compile(r"\d{6}(\d{4})(\d{2})(\d{2})[\dXx*]{4}")


def is_organisation(party: Mapping[str, Any]) -> bool:
    """Whether the party is no private person. A party of unknown kind counts as one."""
    return party["kind"] in _ORGANISATIONS


def protection(party: Mapping[str, Any], day: date) -> Protected | None:
    """Why the person in `party` is protected on `day`; None if by no rule. Told by role or by identity number."""
    role = (party["role"] or "").lower()
    for sign in SIGNS:
        if re.search(sign.words, role):
            return sign.protected
    return Protected.JUVENILE if _is_juvenile(party["id_no"], day) else None


def _is_juvenile(id_no: str | None, day: date) -> bool:
    """Under 18 on `day` by an identity number of 18 characters. The 18th birthday itself is not under 18."""
    born = _ID_NUMBER.fullmatch(id_no or "")
    if born is None:
        return False
    year, month, day_of_birth = map(int, born.groups())
    return (day.year - ADULT_YEARS, day.month, day.day) < (year, month, day_of_birth)
