"""Adding a unit to the register's file, so that a file which cannot be used is never left behind."""

from __future__ import annotations

import json
from pathlib import Path

from schemas.units import Contact, RegisterError, Unit, load_register


def add_to_register(path: Path, unit: Unit) -> bool:
    """Appends `unit` to the register at `path`; what stands there stays as it is. False: it is there already.

    Raises RegisterError if the register would not be usable, or if the unit stands in it otherwise.
    """
    present = load_register(path).by_code.get(unit.code)
    if present == unit:
        return False
    if present is not None:
        raise RegisterError(f"unit {unit.code!r} is in {path} already, and otherwise: {present}")
    fresh = path.with_name(path.name + ".new")
    text = path.read_text(encoding="utf-8")
    fresh.write_text(f"{text.rstrip()}\n\n{as_toml(unit)}", encoding="utf-8")
    try:
        load_register(fresh)
    except RegisterError as error:
        fresh.unlink()
        raise RegisterError(f"{path} was left as it is: {error}") from error
    fresh.replace(path)
    return True


def as_toml(unit: Unit) -> str:
    """The `[[unit]]` table of a unit."""
    rows: dict[str, str] = {
        "code": _text(unit.code),
        "name_zh": _text(unit.name_zh),
        "name_en": _text(unit.name_en),
        "roles": _texts(unit.roles),
        "district": _text(unit.district),
    }
    if unit.fields:
        rows["fields"] = _texts(unit.fields)
    if unit.superior is not None:
        rows["superior"] = _text(unit.superior)
    if unit.contacts:
        rows["contacts"] = f"[{', '.join(_contact(one) for one in unit.contacts)}]"
    return "[[unit]]\n" + "".join(f"{key} = {value}\n" for key, value in rows.items())


def _contact(contact: Contact) -> str:
    told = {"name": contact.name, "phone": contact.phone, "mail": contact.mail}
    return f"{{ {', '.join(f'{key} = {_text(value)}' for key, value in told.items() if value)} }}"


def _texts(values: frozenset[str]) -> str:
    return f"[{', '.join(_text(value) for value in sorted(values))}]"


def _text(value: str) -> str:
    # A JSON string is a TOML string, but for the character that only TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
