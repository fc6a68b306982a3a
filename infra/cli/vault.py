"""`linkage vault`: master keys, wrapping keys anew, and destroying the key of a case."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import ingress_keys
from infra.cli.failing import fail
from infra.settings import Settings, read_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from consumers.shredding.requests import Request

app = typer.Typer()
vault = typer.Typer(help="The keys that personal data is sealed with.", no_args_is_help=True)
app.add_typer(vault, name="vault")
vault.add_typer(ingress_keys.app, name="ingress")

_PAGE = 1000
_By = Annotated[str, typer.Option("--by", help="Who you are.")]
_Id = Annotated[uuid.UUID, typer.Argument(help="The request, as `linkage vault requests` shows it.")]


@vault.command()
def new(
    name: Annotated[str, typer.Argument(help="What the key is called, such as 2026.")],
) -> None:
    """Put a new master key first into the file of LINKAGE_MASTER_KEYS; it wraps from the next start on."""
    from infra.master_keys import add_master, read_masters  # noqa: PLC0415 - keeps `linkage --help` quick

    file = read_settings().master_keys
    if file is None:
        fail("LINKAGE_MASTER_KEYS is not set: name the file that shall hold the master keys")
    if (
        not name
        or len(name) > 40
        or not name.replace("-", "").replace("_", "").isalnum()
        or not name.isascii()
    ):
        fail("the name of a key has 1 to 40 letters, digits, hyphens and underscores")
    add_master(file, name, secrets.token_bytes)
    typer.echo(f"{file}: {', '.join(one.name for one in read_masters(file).keys)} (the first one wraps)")


@vault.command()
def prepare() -> None:
    """Make the file of LINKAGE_MASTER_KEYS with a first key, if there is none yet."""
    from infra.master_keys import add_master  # noqa: PLC0415 - as above

    file = read_settings().master_keys
    if file is None:
        fail("LINKAGE_MASTER_KEYS is not set: name the file that shall hold the master keys")
    if not file.exists():
        add_master(file, "first", secrets.token_bytes)
    typer.echo(f"{file}: there")


@vault.command()
def rewrap() -> None:
    """Wrap every key by the current master key, so that older ones can go. What is sealed stays as it is."""
    from infra.database import engine  # noqa: PLC0415 - as above
    from infra.vault import vault_of  # noqa: PLC0415

    settings = read_settings()
    kept = vault_of(settings)
    if kept is None:
        fail("LINKAGE_MASTER_KEYS is not set: this installation has no keys")
    connector, done = engine(settings, pool=1), 0
    while True:
        with connector.begin() as connection:
            some = kept.rewrap(connection, limit=_PAGE)
        done += some
        if not some:
            break
    typer.echo(f"{done} keys wrapped anew by {kept.masters.current}")


@vault.command()
def shred(
    case: Annotated[str, typer.Option("--case", help="The case: its id, or unit:number.")],
    reason: Annotated[str, typer.Option("--why", help="Why it is to be destroyed.")],
    by: _By,
) -> None:
    """Ask that the key of a case be destroyed, for ever; somebody else has to `confirm` it."""
    from consumers.readmodel.http import parse_case  # noqa: PLC0415 - as above
    from consumers.shredding.requests import ask, in_the_clear  # noqa: PLC0415 - as above

    try:
        case_id = parse_case(case)
    except ValueError as error:
        fail(str(error))
    request_id = uuid.uuid4()
    with _engine().begin() as connection:
        ask(connection, request_id, case_id, by=by, reason=reason, now=datetime.now(UTC))
        clear = in_the_clear(connection, case_id)
    typer.echo(f"已申请，待他人确认 — asked for; somebody else: `linkage vault confirm {request_id} --by …`")
    if clear:
        typer.echo(
            f"{clear}个事件从未加密 — {clear} events are from before there was a key and stay readable"
        )


@vault.command()
def confirm(request: _Id, by: _By) -> None:
    """Destroy the key of the case that the request names. Nobody can read its personal data afterwards."""
    from consumers.readmodel.mentions import bring_up_to_date  # noqa: PLC0415 - as above
    from consumers.shredding import requests as asked  # noqa: PLC0415
    from infra.vault import FORGETS_AFTER  # noqa: PLC0415

    connector = _engine()
    bring_up_to_date(connector, read_settings().partitions)
    with connector.begin() as connection:
        done = asked.confirm(connection, request, by=by, now=datetime.now(UTC))
    typer.echo(
        f"已销毁 — destroyed: case {done.case_id}; running processes forget it within {FORGETS_AFTER:g} s"
    )


@vault.command()
def refuse(request: _Id, by: _By) -> None:
    """Leave the key as it is."""
    from consumers.shredding import requests as asked  # noqa: PLC0415 - as above

    with _engine().begin() as connection:
        asked.refuse(connection, request, by=by, now=datetime.now(UTC))
    typer.echo("已驳回 — refused")


@vault.command(name="requests")
def list_requests(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most to list.")] = 100,
) -> None:
    """List the requests to destroy a key, the newest first."""
    from consumers.shredding.requests import requests  # noqa: PLC0415 - as above

    with _engine().connect() as connection:
        for one in requests(connection, limit=limit):
            typer.echo(_line(one))


def _line(one: Request) -> str:
    decided = f"  {one.decided_by} {one.decided_at:%Y-%m-%d %H:%M}" if one.decided_at else ""
    return (
        f"{one.id}  {one.state}  case {one.case_id}  {one.asked_by} {one.asked_at:%Y-%m-%d %H:%M}{decided}  "
        f"{one.reason}"
    )


def _engine() -> Engine:
    from infra.database import engine  # noqa: PLC0415 - as above

    settings: Settings = read_settings()
    return engine(settings, pool=1)
