"""Reading uploaded files: xlsx, old xls and csv, within bounds, as lines of cells."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from producers.imports.cells import Cell, is_blank
from producers.imports.rows import Line

MOST_BYTES = 8 * 1024 * 1024
"""Largest file, as it is uploaded."""
MOST_ROWS = 10_000
"""Most rows with content, and how far down the sheet may reach beyond blank ones."""
MOST_COLUMNS = 100
_MOST_UNPACKED = 64 * 1024 * 1024
_MOST_PARTS = 500
_MOST_TEXT = 32_767
"""Most characters of a cell, as Excel has it."""
_CHUNK = 1024 * 1024
_TAIL = 32
_ENCODINGS = ("utf-8-sig", "gb18030")  # gb18030 reads everything that is GBK or GB2312
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,  # of places in the file that are none
)
_PANIC = "PanicException"
"""A failed assertion in Rust, which is no Exception: most callers should not survive it. Here its state is dropped."""
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")


class UnreadableError(ValueError):
    """A file that cannot be read, or is too large: says what to do, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines of one sheet that hold something, and the cells whose formula was never calculated."""

    lines: tuple[Line, ...]
    uncalculated: frozenset[tuple[int, int]] = frozenset()  # (row from 1, column from 0)


def read_sheet(content: bytes, *, name: str = "") -> Sheet:
    """The first visible sheet of a file; its kind is told by its content. Blocks. Raises UnreadableError.

    `name` is the file's name, for messages. Formulas give the value that was last calculated; cells merged
    downwards all have the value of the first.
    """
    if len(content) > MOST_BYTES:
        raise _too_large(f"{len(content)} 字节", f"{len(content)} bytes")
    if not content.strip():
        raise UnreadableError("文件是空的", "the file is empty")
    if content.startswith(_ZIP):
        return _xlsx(content)
    if content.startswith(_OLE):
        return Sheet(_calamine(content))
    return Sheet(_csv(content, name))


def _xlsx(content: bytes) -> Sheet:
    has_formulas = _unpack_within_bounds(content)
    lines = _calamine(content)
    return Sheet(lines, _uncalculated(content) if has_formulas else frozenset())


def _unpack_within_bounds(content: bytes) -> bool:
    """Unpacks everything once and throws it away, so that nothing later meets more than the bound.

    What the archive says of its sizes is not believed. Returns whether any sheet has a formula.
    """
    formulas = False
    unpacked = 0
    for name, chunk in _unpacked(content):
        unpacked += len(chunk)
        if unpacked > _MOST_UNPACKED:
            raise _too_large("解压后过大", "it is too large when unpacked")
        formulas = formulas or ("worksheets/" in name and _FORMULA.search(chunk) is not None)
    return formulas


def _unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    """(part, chunk) of an archive; a chunk repeats the last bytes of the one before."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.infolist()[:_MOST_PARTS]:
                with archive.open(part) as stream:
                    end = b""
                    while chunk := stream.read(_CHUNK):
                        yield part.filename, end + chunk
                        end = chunk[-_TAIL:]
    except _BROKEN_ZIP as error:
        raise _broken(error) from None


def _calamine(content: bytes) -> tuple[Line, ...]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        visible = [one.name for one in workbook.sheets_metadata if one.visible is SheetVisibleEnum.Visible]
        sheet = workbook.get_sheet_by_name(visible[0]) if visible else None
        rows: list[list[Any]] = sheet.to_python(nrows=MOST_ROWS * 2) if sheet else []
    except (CalamineError, ValueError, OSError) as error:
        raise _broken(error) from None
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        raise _broken(error) from None
    if sheet is None:
        raise UnreadableError("文件中没有可见的工作表", "the file has no visible sheet")
    top, left = sheet.start or (0, 0)
    lines = [Line(top + n, (*([None] * left), *row)) for n, row in enumerate(rows, 1)]
    return _checked(_filled(lines, sheet.merged_cell_ranges or []), height=sheet.total_height)


def _filled(lines: Sequence[Line], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> list[Line]:
    """Cells merged downwards get the value of the first; those merged sideways do not."""
    first = {line.number: line for line in lines}
    below: dict[int, dict[int, Cell]] = {}
    for (row, column), (last, _) in merged:
        start = first.get(row + 1)
        if start is None or last == row or column >= len(start.cells):
            continue
        for number in range(row + 2, min(last + 1, row + 1 + MOST_ROWS) + 1):
            below.setdefault(number, {})[column] = start.cells[column]
    return [
        Line(line.number, tuple(below.get(line.number, {}).get(n, cell) for n, cell in enumerate(line.cells)))
        if any(not is_blank(cell) for cell in line.cells)
        else line
        for line in lines
    ]


def _csv(content: bytes, name: str) -> tuple[Line, ...]:
    text = _decoded(content)
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    rows: list[Line] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(reader, 1):
            rows.append(Line(number, tuple(row)))
            if number > MOST_ROWS * 2:
                raise _too_many_rows()
    except csv.Error as error:
        where = f"{name or 'csv'}: {reader.line_num}"
        raise UnreadableError(
            f"第{reader.line_num}行不是有效的 CSV", f"{where}: no valid csv ({error})"
        ) from None
    return _checked(rows, height=len(rows))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = _ENCODINGS
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableError(
        "文件不是 xlsx、xls，也不是 UTF-8 或 GBK 编码的 CSV",
        "the file is no xlsx, no xls, and no csv in UTF-8 or GBK",
    )


def _checked(lines: Sequence[Line], *, height: int) -> tuple[Line, ...]:
    """The lines that hold something, within bounds; text of impossible length is refused."""
    held = tuple(line for line in lines if any(not is_blank(cell) for cell in line.cells))
    if len(held) > MOST_ROWS or (height > MOST_ROWS * 2 and len(lines) >= MOST_ROWS * 2):
        raise _too_many_rows()
    for line in held:
        if (
            sum(not is_blank(cell) for cell in line.cells) > MOST_COLUMNS
            or len(line.cells) > MOST_COLUMNS * 10
        ):
            raise UnreadableError(
                f"第{line.number}行的列数超过 {MOST_COLUMNS}",
                f"row {line.number} has more than {MOST_COLUMNS} columns",
            )
        if any(isinstance(cell, str) and len(cell) > _MOST_TEXT for cell in line.cells):
            raise UnreadableError(
                f"第{line.number}行有单元格超过 {_MOST_TEXT} 字",
                f"row {line.number} has a cell of more than {_MOST_TEXT} characters",
            )
    return held


def _uncalculated(content: bytes) -> frozenset[tuple[int, int]]:
    """Cells with a formula and no value: written by a program, never opened in Excel or WPS."""
    found: set[tuple[int, int]] = set()
    formulas = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    values = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        name = next((one.title for one in formulas.worksheets if one.sheet_state == "visible"), None)
        if name is None:
            return frozenset()
        both = zip(
            formulas[name].iter_rows(max_row=MOST_ROWS * 2, max_col=MOST_COLUMNS),
            values[name].iter_rows(max_row=MOST_ROWS * 2, max_col=MOST_COLUMNS),
            strict=False,
        )
        for row, (told, known) in enumerate(both, 1):
            for column, (formula, value) in enumerate(zip(told, known, strict=False)):
                if formula.data_type == "f" and value.value is None:
                    found.add((row, column))
    finally:
        formulas.close()
        values.close()
    return frozenset(found)


def _too_large(zh: str, en: str) -> UnreadableError:
    return UnreadableError(
        f"文件过大（{zh}）：最大 {MOST_BYTES // 1024 // 1024} MB，请分成几份导入",
        f"the file is too large ({en}): at most {MOST_BYTES // 1024 // 1024} MB; import it in parts",
    )


def _too_many_rows() -> UnreadableError:
    return UnreadableError(
        f"超过 {MOST_ROWS} 行：请分成几份导入，并删除表尾的空行",
        f"more than {MOST_ROWS} rows: import it in parts, and delete blank rows at the end",
    )


def _broken(error: BaseException) -> UnreadableError:
    return UnreadableError(
        "文件已损坏或有密码：请在 Excel 或 WPS 中打开后另存为 xlsx",
        f"the file is broken or has a password ({type(error).__name__}): open it in Excel or WPS and save it as xlsx",
    )
