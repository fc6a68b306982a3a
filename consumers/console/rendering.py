"""Pages from templates: every value is escaped, an unknown one is an error, phrases are in the visit's language."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from consumers.console.access import NAVIGATION, SHEETS, Entry, may
from consumers.console.desk import Console, Visit
from consumers.console.phrases import Phrases
from consumers.console.words import Words

STATIC = Path(__file__).with_name("static")
TEMPLATES = Path(__file__).with_name("templates")


@cache
def templates() -> Environment:
    """The templates, compiled when first used."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = asset
    return made


@cache
def asset(name: str) -> str:
    """The address of a file of `static/`, with its sum: a new file has a new address."""
    total = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={total[:16]}"


def page(console: Console, visit: Visit, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The template as an answer. `values` are what it shows."""
    words = Words(visit.language)
    text = (
        templates()
        .get_template(template)
        .render(
            visit=visit,
            t=words,
            p=Phrases(words, console.rulebook.register, visit.now),
            may=lambda route: visit.visitor is not None and may(visit.visitor.role, route),
            navigation=_navigation(console, visit),
            **values,
        )
    )
    return HTMLResponse(text, status)


def _navigation(console: Console, visit: Visit) -> list[Entry]:
    if visit.visitor is None or not visit.visitor.complete:
        return []
    allowed = [entry for entry in NAVIGATION if may(visit.visitor.role, entry.route)]
    return [
        entry for entry in allowed if entry.route != SHEETS or _brings_sheets(console, visit.visitor.unit)
    ]


def _brings_sheets(console: Console, unit: str | None) -> bool:
    """Whether there is a template of something that the unit may say; without one the page has nothing for it."""
    return unit is not None and console.importing is not None and bool(console.importing.forms(unit))
