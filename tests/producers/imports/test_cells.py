"""Cells are read as an office means them, and what cannot be read is told with what is expected."""

# ruff: noqa: DTZ001  (the cells of a sheet have no zone)
from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.imports.cells import CellError, Moment, as_text, harmed, harmless, matchable, read
from producers.imports.template import Column, Kind
from producers.imports.templates import BY_NAME
from schemas.spans import CHINA, Precision
from schemas.units import Register


def column(kind: Kind, **more: object) -> Column:
    return Column("列", "column", "data.x", kind, **more)


@pytest.mark.parametrize(
    ("cell", "when", "precision"),
    [
        ("2026-03-11", datetime(2026, 3, 11), Precision.DAY),
        ("2026/3/11", datetime(2026, 3, 11), Precision.DAY),
        ("2026.03.11", datetime(2026, 3, 11), Precision.DAY),
        ("２０２６年３月１１日", datetime(2026, 3, 11), Precision.DAY),
        ("20260311", datetime(2026, 3, 11), Precision.DAY),
        (20260311.0, datetime(2026, 3, 11), Precision.DAY),
        (46092.0, datetime(2026, 3, 11), Precision.DAY),  # Excel's serial number
        (46092.395833333, datetime(2026, 3, 11, 9, 30), Precision.SECOND),
        ("2026-03-11 09:30", datetime(2026, 3, 11, 9, 30), Precision.SECOND),
        ("2026年3月11日9时30分", datetime(2026, 3, 11, 9, 30), Precision.SECOND),
        ("2026-03-11T09:30:05", datetime(2026, 3, 11, 9, 30, 5), Precision.SECOND),
        (datetime(2026, 3, 11, 9, 30), datetime(2026, 3, 11, 9, 30), Precision.SECOND),
        (datetime(2026, 3, 11), datetime(2026, 3, 11), Precision.DAY),
        (date(2026, 3, 11), datetime(2026, 3, 11), Precision.DAY),
        ("2026年3月", datetime(2026, 3, 1), Precision.MONTH),
    ],
)
def test_a_date_is_read_in_every_form_that_sheets_have(register: Register, cell, when, precision) -> None:
    assert read(column(Kind.WHEN), cell, register) == Moment(when.replace(tzinfo=CHINA), precision)


@pytest.mark.parametrize(
    "cell", ["去年", "2026-13-01", "2026-02-30", 17.0, 1e9, True, time(9), "11.3.2026", "2026"]
)
def test_what_is_no_date_is_told_with_the_form_that_is_expected(register: Register, cell) -> None:
    with pytest.raises(CellError, match="2026-03-11 09:30") as told:
        read(column(Kind.WHEN), cell, register)
    assert "不是有效日期" in told.value.zh


@pytest.mark.parametrize(
    ("kind", "cell", "fen"),
    [
        (Kind.YUAN, "１，２３４．５０", 123450),
        (Kind.YUAN, "￥1,234.5元", 123450),
        (Kind.YUAN, 0.1 + 0.2, None),
        (Kind.YUAN, "3万元", 3_000_000),
        (Kind.WAN, 20, 20_000_000),
        (Kind.WAN, "3.05", 3_050_000),
        (Kind.WAN, "500元", 50_000),
        (Kind.WAN, "0.000001", 1),
        (Kind.WAN, "0.0000001", None),
        (Kind.YUAN, "-5", None),
        (Kind.YUAN, "二十万", None),
        (Kind.YUAN, True, None),
    ],
)
def test_an_amount_is_exact_to_the_fen_or_an_error(register: Register, kind, cell, fen) -> None:
    if fen is None:
        with pytest.raises(CellError, match=r"amount|negative"):
            read(column(kind), cell, register)
    else:
        assert read(column(kind), cell, register) == fen


@given(st.integers(0, 10**13))
def test_what_yuan_and_fen_say_is_the_same(register: Register, fen: int) -> None:
    assert read(column(Kind.YUAN), f"{fen // 100}.{fen % 100:02}", register) == fen


def test_a_unit_is_found_by_code_and_by_name_in_any_width(register: Register) -> None:
    for told in ("by-police", "白云区公安分局", " 白云区 公安分局 "):
        assert read(column(Kind.UNIT), told, register) == "by-police"
    with pytest.raises(CellError, match="no unit of the register"):
        read(column(Kind.UNIT), "天河区公安分局", register)


def test_a_list_is_split_but_for_kinds_that_have_a_separator_in_their_name(register: Register) -> None:
    kinds = next(one for one in BY_NAME["penalty-publicity"].columns if one.header == "处罚类别")
    assert read(kinds, "罚款；没收违法所得", register) == ["罚款", "没收违法所得"]
    assert read(kinds, "警告、罚款,责令停产停业", register) == ["警告", "罚款", "责令停产停业"]
    assert read(kinds, "没收违法所得、没收非法财物", register) == ["没收违法所得、没收非法财物"]
    assert read(kinds, "其他-责令改正", register) == ["其他-责令改正"]
    with pytest.raises(CellError, match=r"罚金.*none of 警告"):
        read(kinds, "罚金", register)


@pytest.mark.parametrize(
    ("cell", "read_as"),
    [
        ("11010519491231002X", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
        ("91110000600037341L", "91110000600037341L"),
        ("4401**********1234", "4401**********1234"),
        ("E12345678", "E12345678"),
        ("110105194912310021", None),
        (1.1010519491231e17, None),
    ],
)
def test_an_identity_number_is_checked_by_its_last_digit(register: Register, cell, read_as) -> None:
    if read_as is None:
        with pytest.raises(CellError, match=r"check digit|last digits"):
            read(column(Kind.PERSON_NO), cell, register)
    else:
        assert read(column(Kind.PERSON_NO), cell, register) == read_as


def test_articles_stand_one_a_line_with_their_quantity(register: Register) -> None:
    told = read(column(Kind.ARTICLES), "电镀槽：2个；账册: 3本\n手机", register)
    assert told == [
        {"name": "电镀槽", "quantity": "2个"},
        {"name": "账册", "quantity": "3本"},
        {"name": "手机"},
    ]


@given(st.text())
def test_an_escaped_text_begins_no_formula_and_is_read_back_as_it_was(text: str) -> None:
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    if not text.startswith("'"):
        assert harmed(harmless(text)) == text


def test_numbers_are_compared_in_one_width_and_one_kind_of_bracket() -> None:
    forms = (
        "穗云环罚〔2026〕17号",
        "穗云环罚［２０２６］ 17号",
        "穗云环罚(2026)17号",
        "穗云环罚【2026】17号",
    )
    assert len({matchable(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("cell", "text"),
    [(12.0, "12"), (12.5, "12.5"), (True, "是"), (datetime(2026, 3, 11, 9, 30), "2026-03-11 09:30")],
)
def test_a_cell_is_shown_as_a_person_sees_it(cell, text) -> None:
    assert as_text(cell) == text
