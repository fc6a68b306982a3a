"""`linkage demo`: the published cases on a bus of their own, with a report of what became of them."""

from __future__ import annotations

import shlex
import shutil
import signal
import tempfile
from contextlib import nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.demo.phrases import Phrases
    from infra.demo.show import Told
    from infra.dev.supervisor import Dev
    from producers.histories import History

app = typer.Typer()

CASES = Path(__file__).parents[2] / "tests" / "cases"
"""The cases stand in the checkout, beside the tests that use them; they are no part of the installed packages."""
_SETTLING_SECONDS = 5.0
_READER = "by-pil"
"""Reads its feed from Kafka: most opinions are mirrored to the public-interest department."""


_MESSAGES = "notifications.jsonl"
"""What the notify process sent: to this machine only."""


class Language(StrEnum):
    """Language of the report."""

    CHINESE = "zh"
    ENGLISH = "en"


_Once = Annotated[
    bool, typer.Option("--once", help="Stop after the report; the exit status is 1 if an expectation fails.")
]
_Lang = Annotated[Language, typer.Option("--lang", help="Language of the report.")]
_Cases = Annotated[Path, typer.Option("--cases", help="Folder of the case files.", show_default=False)]


@app.command()
def demo(once: _Once = False, lang: _Lang = Language.CHINESE, cases: _Cases = CASES) -> None:
    """Start the bus, publish real published cases and say what was routed, mirrored and overdue, and why."""
    from infra.demo.playing import DemoError  # noqa: PLC0415 - keeps `linkage --help` quick
    from infra.demo.receiver import Receiver  # noqa: PLC0415
    from infra.dev.supervisor import Dev, DevOptions  # noqa: PLC0415
    from producers.histories import HistoryError, read_histories  # noqa: PLC0415

    try:
        histories = read_histories(cases)
    except HistoryError as error:
        raise DemoError(f"{error}. The demonstration runs from a checkout of the repository") from error
    folder = Path(tempfile.mkdtemp(prefix="linkage-demo-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs under another account, which has to pass through
    signal.signal(signal.SIGTERM, _interrupt)
    settings = _settled_soon(read_settings())
    with nullcontext() if once or settings.robot_base else Receiver(folder / _MESSAGES) as receiver:
        if receiver is not None:
            settings = settings.model_copy(update={"robot_base": receiver.address})
        installation = Dev(folder, DevOptions(settings=settings, console=not once))
        good = _run(installation, histories, lang, once=once)
    shutil.rmtree(folder, ignore_errors=True)  # kept after an error: the logs are in it
    if not good:
        raise typer.Exit(1)


def _settled_soon(settings: Settings) -> Settings:
    if "settling_seconds" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"settling_seconds": _SETTLING_SECONDS})


def _run(installation: Dev, histories: Sequence[History], lang: Language, *, once: bool) -> bool:
    """Whether every expectation held, as far as it was asked for."""
    typer.echo("Starting broker, database and processes …")
    try:
        installation.start()
        good = _tell(installation, histories, lang, once=once)
        if not once:
            installation.watch(lambda: False)
    except KeyboardInterrupt:
        typer.echo("\nStopping …")
        return True
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
        installation.stop()
    return good


def _tell(installation: Dev, histories: Sequence[History], lang: Language, *, once: bool) -> bool:
    from rich.console import Console  # noqa: PLC0415

    from infra.demo.phrases import Phrases  # noqa: PLC0415
    from infra.demo.report import Report  # noqa: PLC0415
    from infra.demo.show import play_all, read_feed  # noqa: PLC0415
    from infra.demo.wording import LANGUAGES  # noqa: PLC0415

    words = LANGUAGES[lang]
    typer.echo(words.publishing.format(cases=len(histories)))
    all_told = play_all(installation, histories)
    phrases = Phrases(words, installation.register, datetime.now(UTC))
    report = Report(Console(), phrases)
    report.preface(installation.settings.settling_seconds)
    for number, told in enumerate(all_told, start=1):
        report.case(number, told)
    report.overdue(all_told)
    report.feed(read_feed(installation, _READER))
    report.total(all_told)
    if not once:
        from infra.demo.administration import administer_on  # noqa: PLC0415
        from infra.demo.bulletins import show_on  # noqa: PLC0415
        from infra.demo.imports import bring_sheets  # noqa: PLC0415
        from infra.demo.notices import pin_notices  # noqa: PLC0415
        from infra.demo.people import admit  # noqa: PLC0415
        from infra.demo.show import play_these_days  # noqa: PLC0415

        play_these_days(installation, now=datetime.now(UTC))
        show_on(installation, now=datetime.now(UTC))
        logins = admit(installation, now=datetime.now(UTC))
        pin_notices(installation, now=datetime.now(UTC))
        bring_sheets(installation, now=datetime.now(UTC))
        administer_on(installation, now=datetime.now(UTC))
        typer.echo(f"\n{installation.console}\n\n{logins.lines(words.language)}")
        if (messages := installation.folder / _MESSAGES).exists():
            typer.echo(f"\n{words.messages.format(file=messages)}")
        example = next((told for told in all_told if told.late), all_told[0])
        report.where(**_places(installation, example, phrases))
    return all(check.ok for told in all_told for check in told.checks)


def _places(installation: Dev, example: Told, phrases: Phrases) -> dict[str, str]:
    """Addresses, and the ids and key of examples, for the commands that the reader is told to try."""
    environment = installation.folder / "env.sh"
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in installation.environment.items()]
    environment.write_text("".join(lines))
    return {
        "env": shlex.quote(str(environment)),
        "addresses": str(installation.folder / "dev.json"),
        "gateway": installation.gateway,
        "bootstrap": installation.settings.bootstrap,
        "case": str(example.play.main_case),
        "title": phrases.title(example.play.history),
        "unit": _READER,
        "name": phrases.unit(_READER),
        "key": installation.keys[_READER],
    }


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
