"""`linkage verify` and `evidence`: proving that the log, the database, a copy of a feed or a pack is unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failing import fail
from infra.settings import Settings, read_settings

if TYPE_CHECKING:
    from consumers.rebuild.verifying import Verified
    from infra.batches import Record

app = typer.Typer()


@app.command()
def verify(
    *,
    log: Annotated[bool, typer.Option("--log", help="Read the log again and compare it too.")] = False,
    pack: Annotated[Path | None, typer.Option(help="Check this evidence pack instead.")] = None,
    copy: Annotated[
        Path | None, typer.Option(help="Check this copy of a feed instead (lines of `tail UNIT --json`).")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(help="Check this journal of a subscriber instead, against --statement.")
    ] = None,
    statement: Annotated[
        Path | None,
        typer.Option(
            help="The signed statement (JSON) to hold the copy against; without it the heads in it."
        ),
    ] = None,
    view: Annotated[
        Path | None, typer.Option(help="Check these saved events against their field digests instead.")
    ] = None,
    key: Annotated[
        str, typer.Option(help="The public key, 64 hexadecimal digits. Default: that of LINKAGE_SIGNING_KEY.")
    ] = "",
) -> None:
    """Check the audit chain and the signed heads; the exit status is 1 if anything does not fit.

    With `--pack`, `--copy` or `--view` neither the bus nor its database is needed.
    """
    if view is not None:
        _verify_view(view)
        return
    if pack is not None:
        _verify_pack(pack, _required(key))
    elif journal is not None:
        if statement is None:
            fail("--journal needs --statement: the answer of GET /v1/feeds/me/statement, saved in a file")
        _verify_journal(journal, statement, _required(key))
    elif copy is not None:
        _verify_copy(copy, statement, _required(key))
    else:
        _verify_bus(_public(key), log=log)


@app.command()
def evidence(
    name: Annotated[str, typer.Argument(metavar="CASE", help="The case's id, or unit:number.")],
    out: Annotated[Path, typer.Option(help="The ZIP file to write; it must not exist.")],
) -> None:
    """Pack a case's records so that a third party can verify them without the bus. Shows them in full."""
    from consumers.proof.pack_check import check  # noqa: PLC0415 - keeps `linkage --help` quick
    from consumers.proof.packing import pack  # noqa: PLC0415
    from consumers.readmodel.http import parse_case  # noqa: PLC0415
    from infra.database import engine  # noqa: PLC0415
    from infra.signing_key import signer_of  # noqa: PLC0415

    settings = read_settings()
    signer = signer_of(settings.signing_key)
    if signer is None:
        fail("LINKAGE_SIGNING_KEY is not set: name the file that `linkage keys new` made")
    try:
        wanted = parse_case(name)
    except ValueError as error:
        fail(str(error))
    with engine(settings, pool=1).connect() as connection:
        packed = pack(connection, wanted, signer, namespace=settings.namespace, now=datetime.now(UTC))
    if packed is None:
        fail(f"no case {name} is known")
    try:
        packed.write(out)
    except OSError as error:
        fail(f"{out}: {error.strerror}")
    typer.echo(f"{out}: {check(out, signer.public)}")


def _verify_pack(file: Path, public: bytes) -> None:
    from consumers.proof.pack_check import check  # noqa: PLC0415 - as above

    typer.echo(check(file, public))


def _verify_copy(file: Path, stated: Path | None, public: bytes) -> None:
    from consumers.proof.stating import (  # noqa: PLC0415 - as above
        compare,
        entries_of,
        held_against_heads,
        read_statement,
    )

    try:
        if stated is None:
            with file.open(encoding="utf-8") as lines:
                typer.echo(f"entries 1 to {held_against_heads(lines, public)} are what the bus has signed")
            return
        statement = read_statement(stated.read_text("utf-8"), public)
        with file.open(encoding="utf-8") as lines:
            count = compare(entries_of(lines), statement)
    except (OSError, UnicodeDecodeError) as error:
        fail(str(error))
    typer.echo(f"{count} entries of {statement.unit} are what the bus stated {statement.signed_at}")


def _verify_journal(file: Path, stated: Path, public: bytes) -> None:
    from consumers.feeds.journal import Journal  # noqa: PLC0415 - as above
    from consumers.proof.stating import compare, read_statement  # noqa: PLC0415

    if not file.is_file():
        fail(f"{file} does not exist")
    try:
        statement = read_statement(stated.read_text("utf-8"), public)
    except (OSError, UnicodeDecodeError) as error:
        fail(str(error))
    with Journal(file, statement.unit, public) as kept:
        count = compare(kept.entries(), statement)
    typer.echo(f"{count} entries of {statement.unit} are what the bus stated {statement.signed_at}")


def _verify_view(file: Path) -> None:
    from consumers.proof.showing import check_views  # noqa: PLC0415 - as above

    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(str(error))
    for one in check_views(text):
        typer.echo(
            f"{one.event}: {len(one.shown)} fields as they were said, {one.hidden} not shown ({one.root})"
        )


def _verify_bus(public: bytes | None, *, log: bool) -> None:
    from consumers.rebuild import log_check, verifying  # noqa: PLC0415 - as above
    from infra.database import engine  # noqa: PLC0415

    settings = read_settings()
    connector, topic = engine(settings), settings.topics.case_events
    verdicts = verifying.verify(connector, topic, public=public)
    for verdict in verdicts:
        _tell(verdict, "chain intact")
    if log:
        found = log_check.verify_log(connector, topic, lambda *here: _records(settings, topic, *here))
        for verdict in found:
            _tell(verdict, "the log has the same")
        verdicts += found
    if any(verdict.bad_offset is not None for verdict in verdicts):
        raise typer.Exit(1)


def _records(settings: Settings, topic: str, partition: int, end: int) -> Iterator[Record]:
    from infra.kafka import security_options  # noqa: PLC0415 - as above
    from infra.rereading import end_offset, read_range  # noqa: PLC0415

    options = security_options(settings)
    there = min(end, end_offset(settings.bootstrap, topic, partition, options=options))
    if there:
        for batch in read_range(settings.bootstrap, topic, partition, 0, there, options=options):
            yield from batch


def _tell(verdict: Verified, fine: str) -> None:
    place = f"partition {verdict.partition}: {verdict.events} events"
    if verdict.bad_offset is None:
        typer.echo(f"{place}, {fine}")
    else:
        at = "at its end" if verdict.bad_offset < 0 else f"at offset {verdict.bad_offset}"
        typer.echo(f"{place}, BROKEN {at}: {verdict.detail}")


def _public(key: str) -> bytes | None:
    from infra.signing_key import signer_of  # noqa: PLC0415 - as above

    if key:
        try:
            given = bytes.fromhex(key)
        except ValueError:
            given = b""
        if len(given) != 32:
            fail("--key must be 64 hexadecimal digits, as `linkage keys show` prints them")
        return given
    signer = signer_of(read_settings().signing_key)
    return None if signer is None else signer.public


def _required(key: str) -> bytes:
    public = _public(key)
    if public is None:
        fail("give --key: the bus's public key, which its operator shows by `linkage keys show`")
    return public
