"""`linkage keys` and `linkage heads`: the installation's signing key, and what it has signed of the log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failing import fail
from infra.settings import Settings, read_settings

if TYPE_CHECKING:
    from infra.signing_key import Signer

app = typer.Typer()
keys = typer.Typer(help="The key that signs heads and statements.", no_args_is_help=True)
app.add_typer(keys, name="keys")


@keys.command()
def new() -> None:
    """Make the key in the file of LINKAGE_SIGNING_KEY, which must not exist, and show its public part."""
    from infra.signing_key import new_key  # noqa: PLC0415 - keeps `linkage --help` quick

    file = read_settings().signing_key
    if file is None:
        fail("LINKAGE_SIGNING_KEY is not set: name the file that shall hold the key")
    _show(new_key(file).public)


@keys.command()
def prepare() -> None:
    """Make the key unless it is there already, and show its public part. For installations that set themselves up."""
    file = read_settings().signing_key
    if file is not None and file.exists():
        show()
    else:
        new()


@keys.command()
def show() -> None:
    """Show the public key, to be given to whoever shall verify."""
    _show(_signer(read_settings()).public)


@app.command()
def heads(
    sign: Annotated[bool, typer.Option("--sign", help="Sign the present heads first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Most heads to list.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """List the signed heads of the log, the latest first."""
    from consumers.proof import heads as signed  # noqa: PLC0415 - as above
    from consumers.proof.http import shown  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415

    settings = read_settings()
    connector = engine(settings, pool=1)
    if sign:
        signer, topic = _signer(settings), settings.topics.case_events
        signed.sign_now(connector, signer, namespace=settings.namespace, topic=topic, now=datetime.now(UTC))
    with connector.connect() as connection:
        for head in map(shown, signed.heads(connection, limit=limit)):
            said = f"{head.signed_at}  partition {head.partition}  before {head.next_offset}  {head.chain}"
            typer.echo(head.model_dump_json() if as_json else said)


def _show(public: bytes) -> None:
    from consumers.proof.signing import fingerprint  # noqa: PLC0415 - as above

    typer.echo(f"public key   {public.hex()}\nfingerprint  {fingerprint(public)}")


def _signer(settings: Settings) -> Signer:
    from infra.signing_key import signer_of  # noqa: PLC0415 - as above

    signer = signer_of(settings.signing_key)
    if signer is None:
        fail("LINKAGE_SIGNING_KEY is not set: name the file that `linkage keys new` made")
    return signer
