"""Whatever an office keeps its sheets in is read; whatever is too large or hostile is refused within bounds."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from producers.imports.apart import read_apart
from producers.imports.reading import MOST_BYTES, MOST_ROWS, UnreadableError, read_sheet
from producers.imports.rows import find_headings, say
from producers.imports.templates import TEMPLATES
from producers.imports.writing import Outcome, annotated, blank
from schemas.units import Register
from tests.producers.imports.filled import SENT, as_csv, headers, row, saved, xlsx

XLS = Path(__file__).with_name("transfers.xls")
"""As an old Excel wrote it: a title, a blank row, a case number merged over two rows, dates and a formula."""


def event_of(content: bytes, register: Register, n: int = 0) -> dict[str, object]:
    sheet = read_sheet(content)
    headings = find_headings(SENT, sheet.lines)
    below = [line for line in sheet.lines if line.number > headings.row]
    said = say(SENT, headings, below[n], unit="by-env", register=register)
    assert said.flaws == ()
    return said.event


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_csv_says_the_same_in_every_encoding_as_the_xlsx(register: Register, encoding: str) -> None:
    rows = (headers(SENT), row(SENT))
    assert event_of(as_csv(*rows, encoding=encoding), register) == event_of(xlsx(*rows), register)


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_a_csv_may_be_separated_otherwise(register: Register, delimiter: str) -> None:
    rows = (headers(SENT), row(SENT, **{"涉案金额(元)": "12345.60"}))
    told = as_csv(*rows, encoding="utf-8").replace(b",", delimiter.encode())
    assert event_of(told, register) == event_of(xlsx(*rows), register)


def test_an_old_xls_is_read_with_its_dates_formulas_and_merged_cells(register: Register) -> None:
    content = XLS.read_bytes()
    first, second = event_of(content, register), event_of(content, register, 1)
    assert (first["time"], first["precision"]) == ("2026-03-11T09:30:00+08:00", "second")
    assert (second["time"], second["precision"]) == ("2026-03-12T00:00:00+08:00", "day")
    assert first["case"] == second["case"] == {"number": "云环立〔2026〕9号"}
    assert first["data"]["amount_fen"] == 1_234_560  # type: ignore[index]


def test_cells_that_are_merged_downwards_have_one_value_and_blank_rows_none() -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet["B3"], sheet["C3"], sheet["C4"], sheet["C5"] = "案", 1, 2, 3
    sheet["B3"].value = "案"
    sheet.merge_cells("B3:B5")
    sheet["C9"] = 4
    sheet.merge_cells("B9:B12")
    told = [(line.number, line.cells[1:3]) for line in read_sheet(saved(workbook)).lines]
    assert told == [(3, ("案", 1.0)), (4, ("案", 2.0)), (5, ("案", 3.0)), (9, ("", 4.0))]


def test_the_first_visible_sheet_is_read() -> None:
    workbook = Workbook()
    workbook.worksheets[0].title = "隐藏"
    workbook.worksheets[0]["A1"] = "no"
    workbook.worksheets[0].sheet_state = "hidden"
    workbook.create_sheet("看")["A1"] = "yes"
    assert read_sheet(saved(workbook)).lines[0].cells == ("yes",)


def test_a_formula_without_a_value_is_told_and_one_with_a_value_gives_it() -> None:
    workbook = Workbook()
    workbook.worksheets[0]["B2"] = "=1+1"
    workbook.worksheets[0]["A2"] = "x"
    assert read_sheet(saved(workbook)).uncalculated == {(2, 1)}


def repacked(content: bytes, name: str, part: bytes) -> bytes:
    """The workbook with one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, part if one == name else old.read(one))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
_XML = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def with_cells(told: str) -> bytes:
    return repacked(xlsx(["x"]), SHEET, _XML.format(told).encode())


def test_a_zip_bomb_is_refused_before_it_is_unpacked_whole() -> None:
    bomb = with_cells("<row>" + " " * (66 * 1024 * 1024) + "</row>")
    assert len(bomb) < MOST_BYTES
    with pytest.raises(UnreadableError, match="too large when unpacked"):
        read_sheet(bomb)


def test_two_cells_at_the_far_ends_of_a_sheet_do_not_take_the_memory_between_them() -> None:
    far = with_cells(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    with pytest.raises(UnreadableError, match="bounds of memory"):
        read_apart(far)


def test_entities_that_grow_are_not_expanded() -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    told = f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>' + _XML.format(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&a11;</t></is></c></row>'
    )
    try:
        sheet = read_apart(repacked(xlsx(["x"]), SHEET, told.encode()))
    except UnreadableError:
        return
    assert len(str(sheet.lines)) < 1000


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\xff\xff\x00\x01", "no csv in UTF-8 or GBK"),
        (b"PK\x03\x04 and no more", "broken or has a password"),
        (b"\xd0\xcf\x11\xe0 and no more", "broken or has a password"),
        (b'a,"b\n', "no valid csv"),
        (b"a," * 200 + b"\n" + b"1," * 200, "more than 100 columns"),
        (b"a\n" + b"1\n" * (MOST_ROWS + 1), "more than 10000 rows"),
        (b"x" * (MOST_BYTES + 1), "at most 8 MB"),
        (b"a\n" + b"x" * 40_000, "more than 32767 characters"),
    ],
)
def test_what_cannot_be_read_says_what_to_do_in_both_languages(content: bytes, told: str) -> None:
    with pytest.raises(UnreadableError, match=told) as error:
        read_sheet(content)
    assert any("\u4e00" <= one <= "\u9fff" for one in error.value.zh)


def readable_or_refused(content: bytes) -> bool:
    """True unless something other than UnreadableError is raised; old xls in a process of its own, for its panics."""
    read = read_apart if content.startswith(b"\xd0") else read_sheet
    with contextlib.suppress(UnreadableError):
        read(content)
    return True


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"]), st.binary())
def test_any_bytes_are_read_or_refused(start: bytes, rest: bytes) -> None:
    assert readable_or_refused(start + rest)


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_file_is_read_or_refused(seed: int) -> None:
    dice = Random(seed)
    whole = bytearray(XLS.read_bytes() if seed < 4 else xlsx(headers(SENT), row(SENT)))
    for _ in range(dice.randint(1, 40)):
        whole[dice.randrange(8, len(whole))] = dice.randrange(256)
    assert readable_or_refused(bytes(whole))


def test_reading_apart_gives_the_same_cells(register: Register) -> None:
    rows = (headers(SENT), row(SENT, 移送时间=datetime(2026, 3, 11, 9, 30)))  # noqa: DTZ001  (a cell has no zone)
    assert read_apart(xlsx(*rows)) == read_sheet(xlsx(*rows))


def test_the_reading_process_says_no_more_than_the_sheet() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "producers.imports.apart", "x.csv"],
        input=b"a,b\n",
        capture_output=True,
        check=True,
    )
    assert done.stdout == b'{"lines": [[1, ["a", "b"]]], "uncalculated": []}'


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)
def test_a_downloaded_template_is_recognised_when_it_comes_back(template, register: Register) -> None:
    content = blank(template, register)
    sheet = read_sheet(content)
    assert list(find_headings(template, sheet.lines).columns.values()) == list(template.columns)
    workbook = load_workbook(io.BytesIO(content))
    first = workbook[template.zh]
    assert all(first.cell(1, n).comment for n in range(1, len(template.columns) + 1))
    assert workbook["可选项"].sheet_state == "hidden"
    assert any("下拉" in (one.error or "") for one in first.data_validations.dataValidation)


def test_nothing_that_a_sheet_held_comes_back_as_a_formula() -> None:
    hostile = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "ordinary", "\x00\x08"]
    content = annotated([*"abcdefg"], [Outcome(hostile, "=1", "=2", frozenset({"b"}))])
    cells = load_workbook(io.BytesIO(content))["导入结果"][2]
    assert all(cell.data_type != "f" for cell in cells)
    assert [cell.value for cell in cells[:6]] == [
        "'=cmd|' /C calc'!A0", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "ordinary",
    ]  # fmt: skip
    assert cells[1].fill.start_color.rgb == "00F8CBAD"
    assert cells[0].fill.start_color.rgb != "00F8CBAD"


def test_an_annotated_sheet_that_comes_back_says_the_same(register: Register) -> None:
    texts = ["" if cell is None else str(cell) for cell in row(SENT, 摘要="=1+1")]
    again = annotated(headers(SENT), [Outcome(texts, "已报送", "", frozenset())])
    assert event_of(again, register) == event_of(as_csv(headers(SENT), texts, encoding="gbk"), register)


def test_an_old_xls_whose_table_of_sectors_is_damaged_is_told_as_broken() -> None:
    content = XLS.read_bytes()  # found by fuzzing: calamine panics, which is no Exception
    damaged = content[:76] + b"\xff\xff\xff\xff" + content[80:]
    with pytest.raises(UnreadableError, match="the file is broken"):
        read_sheet(damaged)


def test_an_xlsx_that_lacks_a_byte_is_told_as_broken() -> None:
    content = xlsx(headers(SENT), row(SENT))  # found by fuzzing: the first part begins before the file
    with pytest.raises(UnreadableError, match="the file is broken"):
        read_sheet(content[:40] + content[41:])
