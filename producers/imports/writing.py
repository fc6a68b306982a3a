"""Writing sheets: a template to fill in, and an imported sheet with what became of each row."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from producers.imports.cells import harmless
from producers.imports.reading import MOST_ROWS
from producers.imports.template import ERROR_HEADER, STATUS_HEADER, Column, Kind, Template
from schemas.units import Register

_NEEDED = PatternFill("solid", start_color="FFF2CC")
_FREE = PatternFill("solid", start_color="DDEBF7")
_WRONG = PatternFill("solid", start_color="F8CBAD")
_TITLE = Font(bold=True)
_WRAP = Alignment(wrap_text=True, vertical="top")
_WIDTH = 18
_LONGEST_LIST = 255
"""Excel takes no longer list in a validation; a longer one goes to a sheet of its own."""
_NOTES, _LISTS = "填写说明", "可选项"
_MONEY = frozenset({Kind.YUAN, Kind.WAN})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row as it came, with what became of it; `wrong` are the headers of the cells to colour."""

    cells: Sequence[str]
    status: str
    error: str
    wrong: frozenset[str]


def blank(template: Template, register: Register) -> bytes:
    """The template as an xlsx file: headers with notes, choices to pick from, and a sheet that explains."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    lists = workbook.create_sheet(_LISTS)
    notes = workbook.create_sheet(_NOTES, 1)
    sheet.title = template.zh
    for n, column in enumerate(template.columns, 1):
        _add_column(sheet, lists, n, column, _choices(column, register))
    sheet.freeze_panes = "A2"
    _explain(notes, template)
    lists.sheet_state = "hidden"
    return _saved(workbook)


def annotated(
    headers: Sequence[str], outcomes: Iterable[Outcome], ignored: frozenset[str] = frozenset()
) -> bytes:
    """An imported sheet as xlsx: its own columns, what became of each row, what is wrong, wrong cells coloured.

    So are the headers in `ignored`, of columns that nothing was said of.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("导入结果")
    sheet.freeze_panes = "A2"
    sheet.append(
        [
            _cell(sheet, header, fill=_WRONG if header in ignored else _FREE, font=_TITLE)
            for header in (*headers, STATUS_HEADER, ERROR_HEADER)
        ]
    )
    for one in outcomes:
        row = [
            _cell(sheet, text, fill=_WRONG if headers[n] in one.wrong else None)
            for n, text in enumerate(one.cells[: len(headers)])
        ]
        row += [_cell(sheet, "")] * (len(headers) - len(row))
        row.append(_cell(sheet, one.status))
        row.append(_cell(sheet, one.error, fill=_WRONG if one.error else None))
        sheet.append(row)
    return _saved(workbook)


def _cell(sheet: Any, text: str, *, fill: PatternFill | None = None, font: Font | None = None) -> Any:
    cell = WriteOnlyCell(sheet, value=_clean(harmless(text)))
    cell.data_type = "s"  # never a formula, whatever it begins with
    if fill is not None:
        cell.fill = fill
    if font is not None:
        cell.font = font
    return cell


def _clean(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(one for one in text if one >= " " or one in "\t\n\r")


def _add_column(sheet: Worksheet, lists: Worksheet, n: int, column: Column, choices: Sequence[str]) -> None:
    letter = get_column_letter(n)
    head = sheet.cell(1, n, column.header)
    head.font = _TITLE
    head.alignment = _WRAP
    head.fill = _NEEDED if column.required else _FREE
    told = "\n".join(one for one in ("必填" if column.required else "选填", column.note, column.en) if one)
    head.comment = Comment(told, "linkage", height=120, width=260)
    dimension = sheet.column_dimensions[letter]
    dimension.width = _WIDTH
    dimension.number_format = "General" if column.kind in _MONEY or column.kind is Kind.COUNT else "@"
    if choices:
        sheet.add_data_validation(_picking(lists, n, letter, choices))


def _picking(lists: Worksheet, n: int, letter: str, choices: Sequence[str]) -> DataValidation:
    told = ",".join(choices)
    if len(told) > _LONGEST_LIST:
        for row, choice in enumerate(choices, 1):
            lists.cell(row, n, choice)
        formula = f"'{_LISTS}'!${letter}$1:${letter}${len(choices)}"
    else:
        formula = f'"{told}"'
    validation = DataValidation("list", formula1=formula, allow_blank=True, showErrorMessage=True)
    validation.error, validation.errorTitle = "请从下拉列表中选择", "不在可选项中"
    validation.add(f"{letter}2:{letter}{MOST_ROWS + 1}")
    return validation


def _choices(column: Column, register: Register) -> list[str]:
    if column.kind is Kind.UNIT:
        return [unit.name_zh for unit in register.units]
    return [] if column.kind is Kind.LIST else list(column.choices)


def _explain(notes: Worksheet, template: Template) -> None:
    notes.append([f"{template.zh} — {template.en}（{template.name}）"])
    notes.append([f"每行一个事件：{template.event}。来源：{template.source}"])
    notes.append(["保留第一行表头，列的先后不限；空行忽略；同一行再次上传不会重复报送。"])
    notes.append(["列", "是否必填", "说明", "English", "可选项"])
    for column in template.columns:
        notes.append(
            [
                column.header,
                "必填" if column.required else "",
                column.note,
                column.en,
                "、".join(column.choices),
            ]
        )
    notes.column_dimensions["A"].width = 36
    notes.column_dimensions["C"].width = 48


def _saved(workbook: Workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()
