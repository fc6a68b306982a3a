"""Reports as files that Excel, Word and WPS open as they are: plain tables, no macros, fields or formulas."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from consumers.console.bulletins.report import Report, Section
from consumers.console.bulletins.view import Cell
from consumers.console.sheets import BOM, harmless, printable

_WIDEST = 40
_FONT = "宋体"
"""Every Windows, WPS and Kylin has a type of this name."""
_A4 = (Mm(297), Mm(210))


def as_csv(told: Report) -> bytes:
    """The report as one CSV: title and facts, then each table under its title, with empty lines between."""
    out = StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerows([harmless(line)] for line in (told.title, *told.facts))
    for section in told.sections:
        rows.writerows([[], [harmless(section.title)], [harmless(cell) for cell in section.head]])
        rows.writerows([_safe(cell) for cell in row] for row in section.rows)
    return (BOM + out.getvalue()).encode()


def as_xlsx(told: Report) -> bytes:
    """The report as a workbook: what it is on the first sheet, then a sheet for each table. Numbers are numbers."""
    book = Workbook()
    first: Any = book.active
    first.title = told.kind
    first.column_dimensions["A"].width = 100
    for text in (told.title, *told.facts):
        first.append([harmless(printable(text))])
    first["A1"].font = Font(bold=True, size=14)
    for section in told.sections:
        _sheet(book, section)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book: Workbook, section: Section) -> None:
    sheet: Any = book.create_sheet(section.title[:31])
    sheet.freeze_panes = "B2"
    for row in (section.head, *section.rows):
        sheet.append([_safe(cell) for cell in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for n in range(len(section.head)):
        texts = [str(row[n]) for row in section.rows if row[n] is not None]
        width = max((sum(1 if char.isascii() else 2 for char in text) for text in texts), default=0)
        sheet.column_dimensions[get_column_letter(n + 1)].width = min(max(width + 2, 12), _WIDEST)


def as_docx(told: Report, *, now: datetime) -> bytes:
    """The report as a Word document on A4 across, headings and tables only."""
    document: Any = Document()
    _page(document, told, now)
    document.add_heading(told.title, level=0)
    for line in told.facts:
        document.add_paragraph(printable(line))
    for section in told.sections:
        document.add_heading(section.title, level=1)
        _table(document, section)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Any, told: Report, now: datetime) -> None:
    document.core_properties.title = told.title
    document.core_properties.author = ""
    document.core_properties.created = document.core_properties.modified = now
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = _A4
    for name in ("Normal", "Title", "Heading 1"):
        style = document.styles[name]
        style.font.name = _FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    document.styles["Normal"].font.size = Pt(10.5)


def _table(document: Any, section: Section) -> None:
    made = document.add_table(rows=1, cols=len(section.head), style="Table Grid")
    for cell, text in zip(made.rows[0].cells, section.head, strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for row in section.rows:
        _fill(made.add_row().cells, row)


def _fill(cells: Any, row: Sequence[Cell]) -> None:
    for cell, value in zip(cells, row, strict=True):
        cell.text = "—" if value is None else printable(str(value))


def _safe(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    return harmless(printable(cell)) if isinstance(cell, str) else cell
