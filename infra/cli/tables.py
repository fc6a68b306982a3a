"""Tables and times as every page of the command line has them."""

from __future__ import annotations

from datetime import datetime

from rich.table import Column, Table

from schemas.spans import CHINA


def new_table(*headers: str, title: str | None = None) -> Table:
    """A table that cuts nothing off: people copy ids and numbers, and Chinese has no spaces to break lines at."""
    columns = (Column(header, overflow="fold") for header in headers)
    return Table(*columns, title=title, show_lines=True)


def china_time(moment: datetime | None) -> str:
    """A moment in China's time to the minute; nothing for none."""
    return "" if moment is None else f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
