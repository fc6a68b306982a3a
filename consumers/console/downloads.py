"""Files that a page gives out: CSV and Excel of a table, named after what they hold and when they were made."""

from __future__ import annotations

from datetime import datetime

from fastapi.responses import Response

from consumers.console import sheets
from schemas.spans import CHINA

_CSV = "text/csv; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_of(name: str, rows: sheets.Table, now: datetime) -> Response:
    """The table as CSV."""
    return _file(name, "csv", _CSV, sheets.as_csv(rows), now)


def excel_of(name: str, title: str, rows: sheets.Table, now: datetime) -> Response:
    """The table as a workbook whose sheet is called `title`."""
    return _file(name, "xlsx", _XLSX, sheets.as_xlsx(title, rows), now)


def _file(name: str, ending: str, media: str, content: bytes, now: datetime) -> Response:
    named = f"{name}-{now.astimezone(CHINA):%Y%m%d-%H%M}.{ending}"
    return Response(
        content, media_type=media, headers={"content-disposition": f'attachment; filename="{named}"'}
    )
