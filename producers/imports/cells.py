"""Reading single cells: what an office types, in whatever width and form, to what an event holds. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from stdnum.cn import ric, uscc

from producers.imports.template import Column, Kind
from schemas.spans import CHINA, Precision
from schemas.units import Register

Cell = str | float | int | bool | datetime | date | time | timedelta | None
"""A cell as it is read from a file: text, number, date, or nothing."""

_FIRST_DAY = datetime(1899, 12, 30, tzinfo=CHINA)
"""Day 0 of Excel's calendar, as it has counted since it took 1900 for a leap year."""
_SERIALS = (18264.0, 109575.0)  # 1950 to 2200: outside, a number is no date
_DATE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?(?:[ T]*(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})秒?|分)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONEY = re.compile(r"[¥￥]?([-+]?\d[\d,]*(?:\.\d+)?)(万元|元|万)?")
_SEPARATORS = re.compile(r"[;；、,，\n|]+")
_ARTICLES = re.compile(r"[;；\n]+")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_UNSAFE_INTEGER = 10**15  # a number of more digits has lost its end in the sheet


class CellError(ValueError):
    """A cell that cannot be read: says what is wrong and what is expected, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, and how exactly the sheet has it."""

    time: datetime
    precision: Precision


def is_blank(cell: Cell) -> bool:
    """Whether nothing stands in the cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def as_text(cell: Cell) -> str:
    """The cell as a person sees it."""
    match cell:
        case None:
            return ""
        case bool():
            return "是" if cell else "否"
        case float() if cell.is_integer() and abs(cell) < _UNSAFE_INTEGER:
            return str(int(cell))
        case datetime():
            whole_day = cell.time() == time(0)
            return f"{cell:%Y-%m-%d}" if whole_day else f"{cell:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
        case str():
            return harmed(cell.strip())
        case _:
            return str(cell)


def harmless(text: str) -> str:
    """The text, with an apostrophe before it if a program could take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


def harmed(text: str) -> str:
    """What `harmless` was given: an annotated sheet that comes back says the same as before."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA_SIGNS) else text


def matchable(text: str) -> str:
    """For comparison only: one width, no spaces, one kind of bracket, no case."""
    narrow = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s", "", narrow).translate(_BRACKETS).casefold()


def read(column: Column, cell: Cell, register: Register) -> Any:
    """The value of a cell that is not blank. Raises CellError."""
    return _READERS[column.kind](column, cell, register)


def _text(_: Column, cell: Cell, __: Register) -> str:
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _UNSAFE_INTEGER:
        raise CellError(
            "号码以数字格式存放，末位已丢失：请把单元格设为文本后重新填写",
            "the number is stored as a number and has lost its last digits: format the cell as text and enter it again",
        )
    return as_text(cell)


def _when(_: Column, cell: Cell, __: Register) -> Moment:
    if isinstance(cell, bool | time | timedelta):
        raise _no_date(cell)
    if isinstance(cell, datetime):
        return _moment(cell.replace(tzinfo=CHINA))
    if isinstance(cell, date):
        return Moment(datetime.combine(cell, time(0), CHINA), Precision.DAY)
    if isinstance(cell, int | float):
        return _serial(cell)
    return _typed(as_text(cell))


def _serial(number: float) -> Moment:
    if _COMPACT.fullmatch(str(int(number))) and float(number).is_integer() and number > _SERIALS[1]:
        return _typed(str(int(number)))
    if not _SERIALS[0] <= number <= _SERIALS[1]:
        raise _no_date(number)
    return _moment(_FIRST_DAY + timedelta(seconds=round(number * 86_400)))


def _moment(when: datetime) -> Moment:
    return Moment(when, Precision.DAY if when.time() == time(0) else Precision.SECOND)


def _typed(text: str) -> Moment:
    told = unicodedata.normalize("NFKC", text).strip()
    found = _COMPACT.fullmatch(told) or _DATE.fullmatch(told)
    if found is None:
        raise _no_date(text)
    parts: list[str | None] = [*found.groups(), None, None, None]
    year, month, day, hour, minute, second = (int(part) if part else None for part in parts[:6])
    try:
        when = datetime(year or 0, month or 0, day or 1, hour or 0, minute or 0, second or 0, tzinfo=CHINA)
    except ValueError:
        raise _no_date(text) from None
    if day is None:
        return Moment(when, Precision.MONTH)
    return Moment(when, Precision.DAY if hour is None else Precision.SECOND)


def _no_date(told: object) -> CellError:
    return CellError(
        f"“{told}”不是有效日期，应如 2026-03-11 或 2026-03-11 09:30",
        f"{told!r} is no date: write 2026-03-11 or 2026-03-11 09:30",
    )


def _amount(cell: Cell, unit: int) -> int:
    """In fen; `unit` is how many yuan one is, unless the cell says it."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise _no_amount(cell)
    found = _MONEY.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", str(cell))))
    if found is None:
        raise _no_amount(cell)
    unit = {"元": 1, "万元": 10_000, "万": 10_000}.get(found[2] or "", unit)
    try:
        fen = Decimal(found[1].replace(",", "")) * unit * 100
    except InvalidOperation:
        raise _no_amount(cell) from None
    if fen < 0 or fen != fen.to_integral_value():
        raise CellError(f"“{cell}”不是非负金额，或不足一分", f"{cell!r} is negative, or finer than one fen")
    return int(fen)


def _no_amount(told: object) -> CellError:
    return CellError(
        f"“{told}”不是金额，应为数字，如 1234.50", f"{told!r} is no amount: write a number such as 1234.50"
    )


def _count(_: Column, cell: Cell, __: Register) -> int:
    told = unicodedata.normalize("NFKC", as_text(cell))
    if isinstance(cell, bool) or not re.fullmatch(r"\d{1,9}", told):
        raise CellError(f"“{as_text(cell)}”不是整数", f"{as_text(cell)!r} is no whole number")
    return int(told)


def _chosen(column: Column, told: str) -> str:
    wanted = matchable(told)
    for shown, value in column.choices.items():
        if wanted in (matchable(shown), value.casefold() or matchable(shown)):
            return value
    accepted = "、".join(column.choices)
    raise CellError(f"“{told}”不在可选项中，应为：{accepted}", f"{told!r} is none of {accepted}")


def _choice(column: Column, cell: Cell, _: Register) -> str:
    return _chosen(column, as_text(cell))


def _yes_no(column: Column, cell: Cell, _: Register) -> bool:
    return _chosen(column, as_text(cell)) == "true"


def _list(column: Column, cell: Cell, _: Register) -> list[str]:
    told = as_text(cell)
    if matchable(told) in {matchable(shown) for shown in column.choices}:
        return [_chosen(column, told)]  # some kinds have a separator in their name
    return [_other_or_chosen(column, one) for one in _SEPARATORS.split(told) if one.strip()]


def _other_or_chosen(column: Column, told: str) -> str:
    other = unicodedata.normalize("NFKC", told).strip()
    return other if "其他" in column.choices and other.startswith("其他-") else _chosen(column, told)


def _unit(_: Column, cell: Cell, register: Register) -> str:
    told = as_text(cell)
    if told in register.by_code:
        return told
    named = [unit.code for unit in register.units if matchable(unit.name_zh) == matchable(told)]
    if len(named) != 1:
        raise CellError(
            f"“{told}”不是登记册中的单位：请填单位代码或登记的全称",
            f"{told!r} is no unit of the register: give its code or its registered name",
        )
    return named[0]


def _person_no(column: Column, cell: Cell, register: Register) -> str:
    told = unicodedata.normalize("NFKC", _text(column, cell, register)).replace(" ", "").upper()
    masked = "*" in told or "X" in told[:-1]
    if not masked and len(told) == 18 and not (ric.is_valid(told) or uscc.is_valid(told)):
        raise CellError(
            "证件号码校验位不符，请核对身份号码或统一社会信用代码",
            "the check digit is wrong: compare the identity number or credit code with the document",
        )
    return told


def _articles(_: Column, cell: Cell, __: Register) -> list[dict[str, str]]:
    articles = []
    for line in _ARTICLES.split(as_text(cell)):
        name, _colon, quantity = line.replace(":", "：").partition("：")
        if name.strip():
            articles.append(
                {"name": name.strip()} | ({"quantity": quantity.strip()} if quantity.strip() else {})
            )
    if not articles:
        raise CellError("没有列出物品", "no article is listed")
    return articles


_READERS: dict[Kind, Callable[[Column, Cell, Register], Any]] = {
    Kind.TEXT: _text,
    Kind.WHEN: _when,
    Kind.YUAN: lambda _, cell, __: _amount(cell, 1),
    Kind.WAN: lambda _, cell, __: _amount(cell, 10_000),
    Kind.COUNT: _count,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.LIST: _list,
    Kind.UNIT: _unit,
    Kind.PERSON_NO: _person_no,
    Kind.ARTICLES: _articles,
}
_BRACKETS = str.maketrans(dict.fromkeys("[【〔", "(") | dict.fromkeys("]】〕", ")"))
