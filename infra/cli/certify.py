"""`linkage certify`: whether a unit's system does on a sandbox what it has to do on the bus, with a report."""

from __future__ import annotations

import signal
import sys
import threading
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from infra.cli.failing import fail
from infra.settings import read_settings

if TYPE_CHECKING:
    from consumers.certification.scenarios import Judged
    from consumers.certification.watched import Transport

app = typer.Typer()


class Language(StrEnum):
    """Of the report and of what is printed."""

    CHINESE = "zh"
    ENGLISH = "en"


class Over(StrEnum):
    """What the system and the bus talk over."""

    HTTP = "http"
    KAFKA = "kafka"


@app.command()
def certify(
    *,
    unit: Annotated[str, typer.Option(help="Code of the unit whose system is to be certified.")],
    over: Annotated[
        list[Over],
        typer.Option(help="What its system talks over; may be given twice: then both are watched."),
    ] = [Over.HTTP],  # noqa: B006 - never changed
    gateway: Annotated[
        str, typer.Option(help="Address of the sandbox's gateway. Default: that of this host.")
    ] = "",
    host: Annotated[str, typer.Option(help="Address to listen on for the unit's system.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the same.")] = 8099,
    minutes: Annotated[float, typer.Option(min=0.05, help="How long the run may take.")] = 60.0,
    speak_for: Annotated[
        list[str] | None,
        typer.Option(
            help="Unit for which the run replies to transfers; may be repeated. Its second key is in use meanwhile."
        ),
    ] = None,
    report: Annotated[Path, typer.Option(help="Where the report goes: PATH.html and PATH.docx.")] = Path(
        "certification"
    ),
    lang: Annotated[Language, typer.Option("--lang", help="Language of the report.")] = Language.CHINESE,
) -> None:
    """Watch a unit's system on a sandbox and score it by scenario; exit status 1 unless all are passed.

    The system is pointed to this command's port in place of the gateway. Its requests are passed on; some are
    meddled with, to see what it makes of a lost receipt, a full bus or a repeat. With --over kafka it goes on talking
    to Kafka, and the run reads its two topics. docs/certification.md has the list.
    """
    from consumers.certification.report import as_html, as_word  # noqa: PLC0415 - keeps `linkage --help` quick
    from consumers.certification.watched import Transport  # noqa: PLC0415
    from infra.certifying import Options, Signs  # noqa: PLC0415
    from infra.certifying import certify as run  # noqa: PLC0415
    from infra.kafka import KafkaUnavailable  # noqa: PLC0415
    from infra.rules import read_register  # noqa: PLC0415

    settings = read_settings()
    register = read_register(settings)
    if unit not in register.by_code:
        fail(f"{unit!r} is not in the register: `linkage unit add` makes a unit of the sandbox")
    transports = frozenset(Transport(one) for one in over)
    screen = _Screen(lang, f"http://{host}:{port}", transports)
    end = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: end.set())
    signal.signal(signal.SIGTERM, lambda *_: end.set())
    address = gateway or f"http://{settings.gateway_host}:{settings.gateway_port}"
    options = Options(unit, address, port, minutes, frozenset(speak_for or ()), host, transports)
    try:
        told = run(settings, register, options, Signs(end, screen.begin, screen.show))
    except KafkaUnavailable as error:
        fail(f"{str(error).rstrip('.')} (--over kafka reads the unit's topics and groups)")
    html, word = report.with_suffix(".html"), report.with_suffix(".docx")
    html.write_text(as_html(told, lang.value), encoding="utf-8")
    word.write_bytes(as_word(told, lang.value))
    typer.echo(f"{told.score.passed}/{told.score.counted} · {html} · {word}")
    if not told.score.certified:
        raise typer.Exit(1)


class _Screen:
    """Prints what is to be done, then every change of a scenario."""

    def __init__(self, language: Language, address: str, over: frozenset[Transport]) -> None:
        self._language: Literal["zh", "en"] = language.value
        self._address = address
        self._over = over
        self._known: dict[str, str] = {}

    def begin(self) -> None:
        from consumers.certification.report import over_in  # noqa: PLC0415 - as above
        from consumers.certification.scenarios import asked_over  # noqa: PLC0415
        from consumers.certification.watched import Transport  # noqa: PLC0415

        chinese = self._language == "zh"
        for one, transport, asked in asked_over(self._over):
            title, ask = (one.title.zh, asked.ask.zh) if chinese else (one.title.en, asked.ask.en)
            way = over_in(transport, self._language)
            typer.echo(f"  [ ] {way} {title}{'：' if chinese else ': '}{ask}")
        if Transport.HTTP in self._over:
            typer.echo(f"{'请将被测系统指向' if chinese else 'Point the system to'} {self._address}")
        if Transport.KAFKA in self._over:
            typer.echo("正在观察本单位的主题" if chinese else "The unit's topics are being watched")
        sys.stdout.flush()

    def show(self, judged: tuple[Judged, ...]) -> None:
        from consumers.certification.report import rows_of  # noqa: PLC0415 - as above

        for row in rows_of(judged, self._language):
            if row.evidence and self._known.get(row.code) != row.state:
                self._known[row.code] = row.state
                typer.echo(
                    f"{row.evidence[-1][0]}  {row.over} {row.title}: {row.result}  {row.evidence[-1][1]}"
                )
                sys.stdout.flush()
