"""`linkage publish` and `linkage tail`: saying events by hand, and watching what is on the bus."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from infra.cli.explaining import Language
from infra.cli.failing import fail
from infra.settings import Settings, read_settings

if TYPE_CHECKING:
    from infra.cli.rehearsing import Foretold
    from infra.cli.sending import Sent

app = typer.Typer()

_File = Annotated[
    Path | None, typer.Argument(help="JSON or JSON lines, shaped as POST /v1/events. Default: stdin.")
]
_Example = Annotated[
    str, typer.Option("--example", metavar="TYPE", help="Publish the example of this event type.")
]
_Address = Annotated[str, typer.Option("--gateway", envvar="LINKAGE_GATEWAY", help="Address of the gateway.")]
_Key = Annotated[str, typer.Option("--key", envvar="LINKAGE_KEY", help="API key of the unit that speaks.")]
_Unit = Annotated[
    str, typer.Option("--unit", help="Write straight to Kafka as this unit, without the gateway.")
]
_Ingress = Annotated[
    str,
    typer.Option(
        "--ingress-key",
        envvar="LINKAGE_INGRESS_KEY",
        help="With --unit: seal what is written to it. Default: it lies in the unit's topic in the clear.",
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]
_Language = Annotated[Language, typer.Option("--lang", help="Language of a dry run's answer.")]


@app.command()
def publish(
    file: _File = None,
    *,
    example: _Example = "",
    address: _Address = "",
    key: _Key = "",
    unit: _Unit = "",
    ingress_key: _Ingress = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Send nothing: tell what the events would cause, and why.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Send nothing: print the events.")] = False,
    language: _Language = Language.ZH,
    as_json: _Json = False,
) -> None:
    """Say events: a receipt for each that the bus has, exit status 1 if one has none.

    With `--dry-run` the answer is what would happen, each event seeing the effects of those before it.
    """
    from infra.cli.sending import NoEventsError, events_in, examples_of  # noqa: PLC0415 - keeps help quick

    try:
        events = examples_of(example) if example else events_in(read_text(file))
    except NoEventsError as error:
        fail(str(error))
    if not events:
        fail("there is no event in the input")
    if show:
        typer.echo(json.dumps(events, ensure_ascii=False, indent=2))
        return
    if dry_run:
        accepted = [
            _foretell(one, language, as_json=as_json) for one in _rehearse(events, address, key, unit)
        ]
    else:
        accepted = [_tell(sent, as_json=as_json) for sent in _send(events, address, key, unit, ingress_key)]
    if not all(accepted):
        raise typer.Exit(1)


@app.command()
def tail(
    unit: Annotated[str, typer.Argument(metavar="[UNIT]", help="What this unit receives.")] = "",
    *,
    topic: Annotated[
        str, typer.Option("--topic", help="Another topic, such as dead-letters.")
    ] = "case-events",
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="What is there already, too.")
    ] = False,
    follow: Annotated[bool, typer.Option(help="Wait for more. Without it: what is there, then stop.")] = True,
    as_json: _Json = False,
    raw: Annotated[bool, typer.Option("--raw", help="With --json: sealed texts as they lie there.")] = False,
    language: Annotated[
        Language, typer.Option("--lang", help="Language of what stands for them.")
    ] = Language.ZH,
) -> None:
    """Show records as they come: the log, a unit's feed, or any topic of the bus. Ctrl-C stops.

    A sealed text is shown as 〔封存〕, a sealed value by the ingress key that it was sealed to.
    """
    from infra.cli.watching import SEALED, as_line, as_object, records  # noqa: PLC0415 - as above

    settings = read_settings()
    name = settings.topics.feed(unit) if unit else settings.namespace + topic.removeprefix(settings.namespace)
    show = partial(as_object, sealed="" if raw else SEALED[language.value]) if as_json else as_line
    with suppress(KeyboardInterrupt):
        for record in records(settings, name, from_beginning=from_beginning or not follow, follow=follow):
            typer.echo(show(record))


def _send(events: list[Any], address: str, key: str, unit: str, ingress_key: str) -> Iterator[Sent]:
    from infra.cli.sending import publisher_of, through_gateway, through_kafka  # noqa: PLC0415 - as above

    settings = read_settings()
    if unit:
        with publisher_of(settings, unit, ingress_key) as publisher:
            yield from through_kafka(events, publisher)
    elif key:
        yield from through_gateway(events, address or _gateway(settings), key)
    else:
        _neither()


def _rehearse(events: list[Any], address: str, key: str, unit: str) -> Iterator[Foretold]:
    from infra.cli.rehearsing import against_database, at_gateway  # noqa: PLC0415 - as above

    settings = read_settings()
    if unit:
        return against_database(events, settings, unit, datetime.now(UTC), secrets.token_bytes)
    if key:
        return at_gateway(events, address or _gateway(settings), key)
    return _neither()


def _gateway(settings: Settings) -> str:
    return f"http://{settings.gateway_host}:{settings.gateway_port}"


def _neither() -> NoReturn:
    raise typer.BadParameter("give --key (or LINKAGE_KEY) to use the gateway, or --unit to write to Kafka.")


def _foretell(one: Foretold, language: Language, *, as_json: bool) -> bool:
    from consumers.explaining.wording import text_of  # noqa: PLC0415 - as above
    from consumers.readmodel.views import to_json  # noqa: PLC0415

    if as_json:
        typer.echo(to_json(one))
    elif one.problem:
        sys.stderr.write(f"{one.name}: {one.problem}\n")
    else:
        typer.echo("\n".join(text_of(account, language.value) for account in one.accounts))
    return not one.problem


def _tell(sent: Sent, *, as_json: bool) -> bool:
    if as_json:
        typer.echo(json.dumps({"receipt": sent.receipt, "problem": sent.problem or None}, ensure_ascii=False))
    elif sent.receipt is None:
        sys.stderr.write(f"{sent.name}: {sent.problem}\n")
    else:
        at = "{topic}/{partition}/{offset}".format(**sent.receipt)
        typer.echo(f"{sent.name}: {at}  {sent.receipt['digest'][:16]}")
    return sent.receipt is not None


def read_text(file: Path | None) -> str:
    """The text of a file, or of standard input if none is given; ends the command if it cannot be read."""
    if file is None or str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read: {error}")
