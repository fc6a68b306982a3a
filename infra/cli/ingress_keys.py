"""`linkage vault ingress`: the keys that publishers seal to on the way in."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failing import fail
from infra.settings import Settings, read_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from consumers.shredding.ingress import Standing
    from infra.audit import Actor

app = typer.Typer(help="The keys that publishers seal to on the way in.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="The key, as `linkage vault ingress list` shows it.")]


@app.command()
def renew(
    *,
    if_due: Annotated[
        bool, typer.Option("--if-due", help="Only if there is none, or the current one is to be renewed.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, help="To be renewed after so many days.")] = 90,
    open_days: Annotated[
        int, typer.Option(min=2, help="What is written for so many days is opened: offline units need time.")
    ] = 180,
) -> None:
    """Make a new ingress key; publishers that ask the gateway have it within an hour. Older ones open on."""
    from infra.audit import enter_change  # noqa: PLC0415 - keeps `linkage --help` quick
    from infra.ingress_keys import current  # noqa: PLC0415
    from infra.ingress_keys import renew as renewed  # noqa: PLC0415
    from infra.vault import vault_behind  # noqa: PLC0415

    if open_days <= days:
        fail(
            "--open-days must be more than --days: whoever has the old key only needs time to get the new one"
        )
    now, (_, connector) = datetime.now(UTC), _installation()
    with connector.begin() as connection:
        vault, key = vault_behind(connection), current(connection, now)
        if vault is None:
            fail("LINKAGE_MASTER_KEYS is not set: without a master key nothing is sealed")
        if not if_due or key is None or now >= key.renew_by:
            after, opens_for = timedelta(days=days), timedelta(days=open_days)
            key = renewed(connection, vault, now, renewed_after=after, opens_for=opens_for)
            enter_change(connection, _actor(), "ingress-key-made", key.name, "", now=now)
    typer.echo(key.text)


@app.command(name="list")
def list_keys() -> None:
    """Every ingress key, the newest first, with its text for publishers that cannot ask the gateway."""
    from infra.ingress_keys import kept  # noqa: PLC0415 - as above

    now, (_, connector) = datetime.now(UTC), _installation()
    with connector.connect() as connection:
        for one in kept(connection):
            standing = (
                "destroyed" if one.destroyed_at else "expired" if one.key.expires_at <= now else "opens"
            )
            typer.echo(
                f"{one.key.name}  {standing}  made {one.made_at:%Y-%m-%d}  renew by {one.key.renew_by:%Y-%m-%d}  "
                f"expires {one.key.expires_at:%Y-%m-%d}  {one.key.text}"
            )


@app.command()
def expire(
    name: _Name,
    *,
    at: Annotated[
        datetime | None, typer.Option(help="What is written from then on (UTC) is refused. Default: now.")
    ] = None,
    reason: Annotated[str, typer.Option("--why", help="Why; stands in the audit.")],
) -> None:
    """Set when a key expires: now, if its private half may be known; later, to send again what came too late."""
    from infra.audit import enter_change  # noqa: PLC0415 - as above
    from infra.ingress_keys import expire as expired_at  # noqa: PLC0415

    now, (_, connector) = datetime.now(UTC), _installation()
    when = now if at is None else at.replace(tzinfo=at.tzinfo or UTC)
    with connector.begin() as connection:
        if not expired_at(connection, name, when):
            fail(f"there is no ingress key {name}: see `linkage vault ingress list`")
        enter_change(
            connection, _actor(), "ingress-key-expires", name, f"{when.isoformat()} {reason}", now=now
        )
    typer.echo(f"{name}: opens what was written before {when.isoformat()}")


@app.command()
def destroy(
    *,
    leave: Annotated[
        bool,
        typer.Option(
            "--leave", help="Even if refused records that were sealed to it can never be sent again."
        ),
    ] = False,
) -> None:
    """Destroy expired keys for ever, each once intake has read what was written before it expired.

    What lies in ingress topics, sealed to such a key, can be read by nobody afterwards. Exit status 1 if one stays.
    """
    from consumers.shredding.ingress import destroy_for_good, expired, standing  # noqa: PLC0415 - as above
    from infra.kafka import security_options  # noqa: PLC0415
    from infra.rereading import offsets_at  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415
    from schemas.topics import ingress_topics  # noqa: PLC0415

    now, (settings, connector) = datetime.now(UTC), _installation()
    topics = ingress_topics(settings.topics, read_register(settings))
    stays = False
    with connector.begin() as connection:
        for one in expired(connection, now):
            name, expires_at = one.key.name, one.key.expires_at
            written = offsets_at(settings.bootstrap, topics, expires_at, options=security_options(settings))
            found = standing(connection, name, written)
            if found.destroyable or (leave and not found.unread):
                destroy_for_good(connection, _actor(), [name], f"expired {expires_at.isoformat()}", now=now)
                typer.echo(f"{name}: destroyed")
                continue
            stays = True
            typer.echo(f"{name}: stays, {_why(found)}")
    if stays:
        raise typer.Exit(1)


def _why(found: Standing) -> str:
    if found.unread:
        return f"intake has not read all of {', '.join(found.unread)}"
    return (
        f"{found.set_aside} refused records are sealed to it: let it expire later "
        f"(`linkage vault ingress expire {found.name} --at …`) and send them again (`linkage dlq`), or --leave them"
    )


def _actor() -> Actor:
    from infra.audit import Actor  # noqa: PLC0415 - as above

    return Actor(getpass.getuser())


def _installation() -> tuple[Settings, Engine]:
    from infra.database import engine  # noqa: PLC0415 - as above

    settings = read_settings()
    return settings, engine(settings, pool=1)
