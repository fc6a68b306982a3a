"""Offences and fields: found however an agency writes them, and an unknown one is no error."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from schemas.fields import FIELD_BY_CODE, FIELDS
from schemas.offences import OFFENCES, find
from schemas.units import Register


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("污染环境罪", "污染环境罪"),
        ("污染环境", "污染环境罪"),
        (" 污染环境罪 ", "污染环境罪"),
        ("污染环境罪（原文：环境污染罪）", "污染环境罪"),
        ("环境污染罪", "污染环境罪"),
        ("销售假药罪", "生产、销售、提供假药罪"),
        ("生产、销售假药罪", "生产、销售、提供假药罪"),
        ("虚开增值税专用发票罪", "虚开增值税专用发票、用于骗取出口退税、抵扣税款发票罪"),
        ("非法制造注册商标标识罪", "非法制造、销售非法制造的注册商标标识罪"),
        ("危险作业罪、污染环境罪", "危险作业罪"),
        ("某罪，污染环境罪", "污染环境罪"),
    ],
)
def test_an_offence_is_found_however_it_is_written(written: str, name: str) -> None:
    offence = find(written)
    assert offence is not None
    assert offence.zh == name


@pytest.mark.parametrize(
    "written", [None, "", "罪", "(no offence named; administrative case)", "穿越时空罪", "（", "、、"]
)
def test_an_unknown_offence_is_none(written: str | None) -> None:
    assert find(written) is None


@pytest.mark.parametrize("offence", OFFENCES, ids=lambda offence: offence.zh)
def test_every_row_is_complete_and_its_names_lead_to_it(offence: object) -> None:
    assert isinstance(offence, type(OFFENCES[0]))
    assert offence.zh.endswith("罪")
    assert offence.en
    assert re.fullmatch(r"\d{3}(-[12])?(\(\d\))?", offence.article)
    assert offence.fields
    assert offence.fields <= FIELD_BY_CODE.keys()
    for name in (offence.zh, *offence.also):
        assert find(name) is offence


def test_no_name_stands_for_two_offences() -> None:
    names = Counter(name for row in OFFENCES for name in (row.zh, *row.also))
    assert names.most_common(1)[0][1] == 1
    assert len(OFFENCES) >= 40


def test_field_codes_are_unique_and_cover_the_register(register: Register) -> None:
    assert len(FIELD_BY_CODE) == len(FIELDS)
    assert {code for unit in register.units for code in unit.fields} <= FIELD_BY_CODE.keys()


# The chapters of the Criminal Law whose offences agencies meet (first and last article).
CHAPTERS = {
    "fake and inferior goods": (140, 148),
    "taxes": (201, 209),
    "environment and resources": (338, 345),
}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_article_of_a_chapter_that_agencies_enforce_has_its_offence(chapter: str) -> None:
    first, last = CHAPTERS[chapter]
    found = {int(row.article[:3]) for row in OFFENCES}
    assert set(range(first, last + 1)) <= found
