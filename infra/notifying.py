"""The notify process put together from the settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from consumers.notifying.process import Notifier, run
from consumers.notifying.sending import Carrier, MailServer
from consumers.webhooks.sending import Sender
from infra.database import engine
from infra.rules import read_calendar, read_receivers
from infra.settings import Settings


def mail_server(settings: Settings) -> MailServer:
    """Where mail is handed in. Raises OSError if the file with the password cannot be read."""
    file = settings.smtp_password_file
    password = "" if file is None else file.read_text(encoding="utf-8").strip()
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        password,
        settings.smtp_from,
    )


def now() -> datetime:
    """The system clock, in UTC."""
    return datetime.now(UTC)


async def serve(settings: Settings, ready: Callable[[], None]) -> None:
    """Notifies until cancelled."""
    async with Sender(read_receivers(settings)) as sender:
        carrier = Carrier(mail_server(settings), sender, settings.robot_base, now)
        notifier = Notifier(
            engine(settings, pool=2), carrier, read_calendar(settings), settings.console_address, now
        )
        await run(notifier, settings.notify_interval_seconds, ready)
