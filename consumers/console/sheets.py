"""Tables for Excel and WPS: CSV and xlsx whose cells are text, never a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

BOM = "\ufeff"
"""Without it Excel and WPS take UTF-8 for GBK."""
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_FORBIDDEN = {code: None for code in range(32) if chr(code) not in "\t\n\r"}
"""Control characters that XML may not hold."""
_WIDEST = 60

Table = Sequence[Sequence[str]]


def harmless(text: str) -> str:
    """The text such that no spreadsheet takes it for a formula: what could be one begins with an apostrophe."""
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_A_FORMULA) else text


def printable(text: str) -> str:
    """The text without the characters that an xlsx or docx may not hold."""
    return text.translate(_FORBIDDEN)


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """The rows as CSV in UTF-8, as Excel and WPS open it."""
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return (BOM + out.getvalue()).encode()


def as_xlsx(title: str, rows: Table) -> bytes:
    """The rows as a workbook of one sheet; the first row is the heading and stays in view."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for n in range(len(rows[0])):
        width = max(_width(row[n]) for row in rows[:200])
        sheet.column_dimensions[chr(ord("A") + n)].width = min(width + 2, _WIDEST)
    for n, row in enumerate(rows):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=harmless(printable(text)))
            cell.data_type = "s"
            cell.font = Font(bold=n == 0)
            cells.append(cell)
        sheet.append(cells)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _width(text: str) -> int:
    """In Latin characters: a Chinese one takes two."""
    return sum(1 if character.isascii() else 2 for character in text)
