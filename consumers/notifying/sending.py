"""Carrying one message: by mail, to a webhook, or to a robot. Nothing that a receiver does raises here."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

import httpx
import orjson

from consumers.notifying.queue import Taken
from consumers.notifying.rules import ChannelKind
from consumers.webhooks.rules import Answer
from consumers.webhooks.sending import Message, Sender
from schemas.spans import CHINA
from schemas.units import BUS_UNIT

SECONDS = 15.0
_PATH = "/cgi-bin/webhook/send"
"""Where WeCom's robots take messages; the host is a setting, since many reach it through a proxy only."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; `security` is none, starttls or tls. An empty `host`: there is none."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    sender: str


class Carrier:
    """Sends messages of every kind. Lives in one event loop."""

    def __init__(
        self, mail: MailServer, webhooks: Sender, robot_base: str, clock: Callable[[], datetime]
    ) -> None:
        self._mail = mail
        self._webhooks = webhooks
        self._robot_base = robot_base.rstrip("/")
        self._clock = clock

    async def carry(self, taken: Taken) -> Answer:
        """One try; the answer says what came of it, never what a receiver wrote."""
        kind = taken.channel.kind
        if kind is ChannelKind.MAIL:
            return await asyncio.to_thread(self._by_mail, taken)
        if kind is ChannelKind.ROBOT:
            return await self._to_robot(taken)
        return await self._to_webhook(taken)

    def _by_mail(self, taken: Taken) -> Answer:
        server = self._mail
        if not server.host:
            return Answer(None, "LINKAGE_SMTP_HOST is not set")
        try:
            with _connected(server) as client:
                if server.user:
                    client.login(server.user, server.password)
                client.send_message(mail_of(taken, server.sender))
        except smtplib.SMTPResponseException as error:
            return Answer(None, f"the mail server said {error.smtp_code}")
        except (OSError, smtplib.SMTPException) as error:
            return Answer(None, f"mail not handed in: {type(error).__name__}")
        return Answer(200, "handed to the mail server")

    async def _to_robot(self, taken: Taken) -> Answer:
        if not self._robot_base:
            return Answer(None, "LINKAGE_ROBOT_BASE is not set")
        told = {"msgtype": "text", "text": {"content": f"{taken.subject}\n{taken.body}"}}
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=SECONDS) as client:
                answer = await client.post(
                    self._robot_base + _PATH, params={"key": taken.channel.address}, json=told
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(None, f"not reached: {type(error).__name__}")
        return _robot_said(answer)

    async def _to_webhook(self, taken: Taken) -> Answer:
        channel = taken.channel
        body = orjson.dumps({"type": "linkage.notification", "subject": taken.subject, "text": taken.body})
        message = Message(str(taken.id), body.decode())
        reply = await self._webhooks.post(
            channel.unit or BUS_UNIT, channel.address, channel.secret, message, self._clock()
        )
        return reply.answer


def mail_of(taken: Taken, sender: str) -> EmailMessage:
    """The mail as it is sent at every try: the same id and date, so that a repeat can be told."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = taken.channel.address
    mail["Subject"] = taken.subject
    mail["Date"] = format_datetime(taken.queued_at.astimezone(CHINA))
    mail["Message-ID"] = f"<{taken.id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(taken.body, charset="utf-8", cte="base64")
    return mail


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, timeout=SECONDS, context=ssl.create_default_context()
        )
    client = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    if server.security == "starttls":
        client.starttls(context=ssl.create_default_context())
    return client


def _robot_said(answer: httpx.Response) -> Answer:
    """Robots answer 200 to everything; whether it was taken stands in the body."""
    if answer.status_code != httpx.codes.OK:
        return Answer(answer.status_code, f"the robot said {answer.status_code}")
    try:
        code = orjson.loads(answer.content).get("errcode")
    except (orjson.JSONDecodeError, AttributeError):
        return Answer(None, "the robot's answer cannot be read")
    return Answer(200, "taken by the robot") if code == 0 else Answer(None, f"the robot said errcode {code}")
