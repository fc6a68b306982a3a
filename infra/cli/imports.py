"""`linkage import`: sheets of an office, sent through the gateway; templates, checks, and the annotated sheet."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from infra.cli.failing import fail
from infra.settings import read_settings

if TYPE_CHECKING:
    import httpx


class _FileByDefault(TyperGroup):
    """`linkage import FILE` is `linkage import file FILE`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        known = args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if known else ["file", *args])


app = typer.Typer(
    name="import", cls=_FileByDefault, help="Sheets of an office: one event a row.", no_args_is_help=True
)

_Address = Annotated[str, typer.Option("--gateway", envvar="LINKAGE_GATEWAY", help="Address of the gateway.")]
_Key = Annotated[str, typer.Option("--key", envvar="LINKAGE_KEY", help="API key of the unit that speaks.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
_POLL_SECONDS = 0.3
_TIMEOUT_SECONDS = 60.0


@app.command("templates")
def templates(*, address: _Address = "", key: _Key = "") -> None:
    """List the templates, with what this unit may use."""
    with _asking(address, key) as client:
        for one in _answer(client.get("/v1/imports/templates")):
            mark = "" if one["may_use"] else "  (not for this unit)"
            typer.echo(f"{one['name']}  {one['zh']}  {one['event']}{mark}")


@app.command("template")
def template(
    name: Annotated[str, typer.Argument(help="Name of a template: see `linkage import templates`.")],
    out: Annotated[Path | None, typer.Option("--out", help="Default: NAME.xlsx here.")] = None,
    *,
    address: _Address = "",
    key: _Key = "",
) -> None:
    """Download a template to fill in."""
    with _asking(address, key) as client:
        _save(client, f"/v1/imports/templates/{name}.xlsx", out or Path(f"{name}.xlsx"))


@app.command("file")
def file(
    sheet: Annotated[Path, typer.Argument(help="xlsx, xls or csv.")],
    *,
    template: Annotated[str, typer.Option("--template", help="Default: told by the headers.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Only check: nothing is said.")] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Say the right rows although others are wrong.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the annotated sheet goes. Default: beside FILE.")
    ] = None,
    address: _Address = "",
    key: _Key = "",
    as_json: _Json = False,
) -> None:
    """Import a sheet; exit status 1 if a row is wrong. `linkage import FILE` does the same."""
    try:
        content = sheet.read_bytes()
    except OSError as error:
        fail(f"{sheet} cannot be read: {error}")
    wanted: dict[str, str | bool] = {"template": template, "check": check, "partial": partial}
    with _asking(address, key) as client:
        job = _answer(client.post("/v1/imports", params=wanted, files={"file": (sheet.name, content)}))
        job = _awaited(client, job["id"])
        place = out or sheet.with_name(f"{sheet.stem}-导入结果.xlsx")
        _save(client, f"/v1/imports/{job['id']}/sheet", place)
    _tell(job, as_json=as_json)


@app.command("status")
def status(
    import_id: Annotated[str, typer.Argument(help="Id of an import.")],
    *,
    address: _Address = "",
    key: _Key = "",
    as_json: _Json = False,
) -> None:
    """How far an import is; exit status 1 if a row is wrong."""
    with _asking(address, key) as client:
        job = _answer(client.get(f"/v1/imports/{import_id}"))
    _tell(job, as_json=as_json)


def _awaited(client: httpx.Client, import_id: str) -> Any:
    """The import once nothing of it is left to say. It goes on in the gateway if this command is ended."""
    waiting = threading.Event()
    deadline = time.monotonic() + _TIMEOUT_SECONDS * 10
    while True:
        job = _answer(client.get(f"/v1/imports/{import_id}"))
        if job["state"] != "running" or time.monotonic() > deadline:
            return job
        waiting.wait(_POLL_SECONDS)


def _tell(job: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(job, ensure_ascii=False))
    else:
        counts = "  ".join(f"{state}: {count}" for state, count in job["counts"].items())
        typer.echo(f"{job['id']}  {job['template']}  {job['state']}  {counts}")
        if job["ignored_columns"]:
            typer.echo(
                f"  columns that are not in the template and were left out: {', '.join(job['ignored_columns'])}"
            )
        for row in job["rows"]:
            for error in row["errors"]:
                sys.stderr.write(f"第{row['row']}行 {error['column']}: {error['message']}\n")
    if job["rows"] or job["state"] in ("flawed", "running"):
        raise typer.Exit(1)


@contextmanager
def _asking(address: str, key: str) -> Iterator[httpx.Client]:
    import httpx  # noqa: PLC0415 - keeps `linkage --help` quick

    if not key:
        fail("give --key (or LINKAGE_KEY): see `linkage unit key`")
    settings = read_settings()
    at = address or f"http://{settings.gateway_host}:{settings.gateway_port}"
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": "zh-CN"}
    with httpx.Client(base_url=at, headers=headers, timeout=_TIMEOUT_SECONDS) as client:
        yield client


def _answer(answer: httpx.Response) -> Any:
    if not answer.is_success:
        fail(_problem(answer))
    return answer.json()


def _save(client: httpx.Client, path: str, place: Path) -> None:
    answer = client.get(path)
    if not answer.is_success:
        fail(_problem(answer))
    place.write_bytes(answer.content)
    sys.stderr.write(f"{place}\n")


def _problem(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"]).removesuffix(".")
    except (ValueError, KeyError, TypeError):
        return f"the gateway answered {answer.status_code} without saying why; is the address right?"
