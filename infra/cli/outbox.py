"""`linkage outbox`: an agency's own outbox, looked at, sent and put right by hand or from a timer."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.failing import fail
from infra.settings import Settings, read_settings

if TYPE_CHECKING:
    from producers.outbox.couriers import Courier
    from producers.outbox.delivery import Delivery
    from producers.outbox.outbox import Outbox

app = typer.Typer(
    name="outbox", help="What this agency has to say, kept until the bus has it.", no_args_is_help=True
)

_Place = Annotated[
    str,
    typer.Option(
        "--outbox", envvar="LINKAGE_OUTBOX", help="SQLite file, or the address of the agency's own database."
    ),
]
_Unit = Annotated[str, typer.Option("--unit", envvar="LINKAGE_UNIT", help="The unit that speaks.")]
_Address = Annotated[str, typer.Option("--gateway", envvar="LINKAGE_GATEWAY", help="Address of the gateway.")]
_Key = Annotated[
    str, typer.Option("--key", envvar="LINKAGE_KEY", help="API key: deliver to the gateway, not to Kafka.")
]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]


_Ingress = Annotated[
    str,
    typer.Option(
        "--ingress-key",
        envvar="LINKAGE_INGRESS_KEY",
        help="What is kept is sealed to it, as GET /v1/ingress-key tells it. Default: it is kept in the clear.",
    ),
]


@app.command()
def put(
    file: Annotated[
        Path | None, typer.Argument(help="JSON or JSON lines, as POST /v1/events. Default: stdin.")
    ] = None,
    *,
    place: _Place = "linkage-outbox.sqlite",
    unit: _Unit = "",
    ingress_key: _Ingress = "",
) -> None:
    """Keep events to be said; all of them or, if one is wrong, none. Needs no bus."""
    from infra.cli.events import read_text  # noqa: PLC0415 - keeps help quick
    from infra.cli.sending import NoEventsError, events_in  # noqa: PLC0415
    from infra.problems import ProblemError  # noqa: PLC0415
    from producers.errors import PublishError  # noqa: PLC0415
    from producers.gateway.statements import statement_of  # noqa: PLC0415
    from schemas.codec import encode_json  # noqa: PLC0415

    with _opened(place, unit, ingress_key) as outbox:
        try:
            statements = [statement_of(event, unit=outbox.unit) for event in events_in(read_text(file))]
            with outbox.engine.begin() as connection:
                kept = [outbox.put(one, connection=connection, encode=encode_json) for one in statements]
        except (NoEventsError, ProblemError, PublishError) as problem:
            fail(f"nothing was kept: {problem}")
    typer.echo("\n".join(kept))


@app.command()
def compare(
    statement: Annotated[
        Path, typer.Argument(help="The answer of GET /v1/statements/said, saved in a file.")
    ],
    *,
    public: Annotated[str, typer.Option(help="The bus's public key, 64 hexadecimal digits.")],
    others: Annotated[
        bool, typer.Option("--others", help="The unit says events by other ways than this outbox too.")
    ] = False,
    place: _Place = "linkage-outbox.sqlite",
    unit: _Unit = "",
) -> None:
    """Hold what was sent against what the bus has signed of it; the exit status is 1 if an event differs."""
    from producers.outbox.comparing import compare as held  # noqa: PLC0415 - keeps help quick
    from schemas.said import read_said  # noqa: PLC0415

    try:
        key = bytes.fromhex(public)
        stated = read_said(statement.read_text("utf-8"))
    except (OSError, ValueError) as error:
        fail(str(error))
    with _opened(place, unit) as outbox:
        done = held(outbox, stated, key, others=others)
    typer.echo(
        f"{done.alike} events are alike, {done.set_aside} were not applied ({stated.since} to {stated.until})"
    )
    for event_id, kind, reason in stated.aside:
        typer.echo(f"  {event_id or '(no id)'}: {kind}, {reason}")


@app.command()
def status(place: _Place = "linkage-outbox.sqlite", unit: _Unit = "", *, as_json: _Json = False) -> None:
    """How many events wait, were sent and refused; exit status 1 if one was refused."""
    with _opened(place, unit) as outbox:
        standing = outbox.status()
    told = asdict(standing) | {"oldest": None, "oldest_seconds": None}
    if standing.oldest is not None:
        age = datetime.now(UTC) - standing.oldest
        told |= {"oldest": standing.oldest.isoformat(), "oldest_seconds": round(age.total_seconds(), 1)}
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        for name, zh in _STANDING:
            typer.echo(f"{zh} {name}: {told[name] if told[name] not in (None, '') else '-'}")
    if standing.refused:
        raise typer.Exit(1)


@app.command("list")
def list_kept(
    place: _Place = "linkage-outbox.sqlite",
    unit: _Unit = "",
    *,
    state: Annotated[
        str, typer.Option("--state", help="queued, sent, refused or skipped. Default: all.")
    ] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="At most so many.")] = 100,
    as_json: _Json = False,
) -> None:
    """The events of the outbox, oldest first, with the reason of a refusal and the receipt."""
    from producers.outbox.outbox import State  # noqa: PLC0415 - as above

    if state and state not in {*State}:
        fail(f"{state!r} is no state: give {', '.join(State)}")
    with _opened(place, unit) as outbox:
        kept = outbox.kept(*([State(state)] if state else []), most=most)
    for one in kept:
        if as_json:
            typer.echo(json.dumps(asdict(one), ensure_ascii=False, default=str))
        else:
            why = (
                f"  {one.reason}: {one.problem}" if one.reason else f"  {one.problem}" if one.problem else ""
            )
            typer.echo(f"{one.id}  {one.state}  {one.type}  {one.case_number}{why}")


@app.command()
def send(
    place: _Place = "linkage-outbox.sqlite",
    unit: _Unit = "",
    *,
    address: _Address = "",
    key: _Key = "",
    ingress_key: _Ingress = "",
    follow: Annotated[bool, typer.Option("--follow", help="Go on delivering until told to stop.")] = False,
) -> None:
    """Deliver what is due, to the gateway with --key, else to Kafka; exit status 1 if something is left."""
    from producers.outbox.delivery import Delivery  # noqa: PLC0415 - as above

    settings = read_settings()
    with _opened(place, unit) as outbox:
        delivery = Delivery(outbox, _courier(settings, outbox.unit, address, key, ingress_key))
        if follow:
            _until_told_to_stop(delivery)
            return
        done = delivery.drain()
        delivery.stop()
        left = outbox.status()
    typer.echo(f"sent {done.delivered}, refused {done.refused}, waiting {left.queued}")
    if left.queued or left.refused:
        sys.stderr.write(f"linkage: {left.problem or 'see `linkage outbox list --state refused`'}\n")
        raise typer.Exit(1)


@app.command()
def retry(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of events.")] = None,
    *,
    place: _Place = "linkage-outbox.sqlite",
    unit: _Unit = "",
    every: Annotated[bool, typer.Option("--all", help="All that were refused.")] = False,
) -> None:
    """Put refused events back into the queue, at their old place."""
    if bool(ids) == every:
        fail("give the ids of events, or --all")
    with _opened(place, unit) as outbox:
        count = outbox.retry(*(ids or []))
    typer.echo(f"{count} back in the queue")


@app.command()
def skip(
    event_id: Annotated[str, typer.Argument(help="Id of a refused event.")],
    *,
    why: Annotated[str, typer.Option("--why", help="The reason, which is kept.")],
    place: _Place = "linkage-outbox.sqlite",
    unit: _Unit = "",
) -> None:
    """Let a refused event stay unsaid, so that later events of its case go on."""
    with _opened(place, unit) as outbox:
        if not outbox.skip(event_id, why=why):
            fail(f"no refused event has the id {event_id!r}: see `linkage outbox list --state refused`")


@app.command()
def forget(
    days: Annotated[int, typer.Option("--older-than-days", min=1, help="Sent or skipped longer ago.")],
    *,
    place: _Place = "linkage-outbox.sqlite",
    unit: _Unit = "",
) -> None:
    """Delete what was sent or skipped long ago, with its receipts."""
    with _opened(place, unit) as outbox:
        typer.echo(f"{outbox.forget(older=timedelta(days=days))} forgotten")


_STANDING = (
    ("queued", "待发送"),
    ("held", "其中因前序事件被拒而等待"),
    ("sent", "已发送"),
    ("refused", "被拒绝"),
    ("skipped", "已略过"),
    ("oldest", "最早一件存入时间"),
    ("oldest_seconds", "最早一件已等待秒数"),
    ("attempts", "最多尝试次数"),
    ("problem", "最近一次失败原因"),
    ("clear", "以明文存放（存入时没有接收密钥）"),
)


def _until_told_to_stop(delivery: Delivery) -> None:
    stopping = threading.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda *_: stopping.set())
    with delivery:
        stopping.wait()


@contextmanager
def _opened(place: str, unit: str, ingress_key: str = "") -> Iterator[Outbox]:
    from sqlalchemy import create_engine  # noqa: PLC0415 - as above

    from infra.cli.sending import ingress_source  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415
    from producers.outbox.outbox import Outbox  # noqa: PLC0415
    from producers.outbox.table import file_engine  # noqa: PLC0415

    settings = read_settings()
    register = read_register(settings)
    if unit not in register.by_code:
        fail("give --unit (or LINKAGE_UNIT), a unit of the register: see `linkage unit list`")
    engine = create_engine(place, hide_parameters=True) if "://" in place else file_engine(Path(place))
    options: dict[str, Any] = {"ingress": ingress_source(ingress_key)} if ingress_key else {}
    outbox = Outbox(engine, unit, register=register, max_event_bytes=settings.max_event_bytes, **options)
    outbox.create()
    try:
        yield outbox
    finally:
        engine.dispose()


def _courier(settings: Settings, unit: str, address: str, key: str, ingress_key: str) -> Courier:
    from producers.outbox.couriers import KafkaCourier  # noqa: PLC0415 - as above
    from producers.outbox.gateway_courier import GatewayCourier  # noqa: PLC0415

    if key:
        return GatewayCourier(address or f"http://{settings.gateway_host}:{settings.gateway_port}", key)
    if address:
        fail("the gateway needs --key (or LINKAGE_KEY) as well")
    return KafkaCourier(_connection(settings, unit, ingress_key))


def _connection(settings: Settings, unit: str, ingress_key: str) -> Callable[[], Any]:
    from infra.cli.sending import publisher_of  # noqa: PLC0415 - as above

    return lambda: publisher_of(settings, unit, ingress_key, delivery_seconds=15.0, connect_seconds=10.0)
