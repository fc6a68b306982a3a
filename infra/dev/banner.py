"""What `linkage dev` tells its user: what runs where, and what to try next."""

from __future__ import annotations

import json
import shlex
from datetime import datetime
from typing import TYPE_CHECKING

from schemas.spans import CHINA
from schemas.units import Register, RegisterError, Role

if TYPE_CHECKING:
    from infra.dev.supervisor import Dev

_EVENT_FILE = "event.json"


def banner(installation: Dev, now: datetime, logins: str) -> str:
    """The text for the terminal, with `logins` to the console. Also writes the event that it tells the user to say."""
    folder = installation.folder
    sender, receiver = _pair(installation.register)
    number = f"示例移〔{now.astimezone(CHINA).year}〕1号"
    event = example_event(receiver, number, now)
    (folder / _EVENT_FILE).write_text(json.dumps(event, ensure_ascii=False, indent=2) + "\n")
    key = installation.keys[sender]
    secrets = " and passwords" if installation.units else ""
    passwords = "Kafka asks for passwords" if installation.units else "no passwords"
    return f"""
The bus is running. Not for production: {passwords}, one broker, this machine only.

  console     {installation.console}
  gateway     {installation.gateway}   (API: {installation.gateway}/docs)
  Kafka       {installation.settings.bootstrap}
  PostgreSQL  {installation.settings.database}
  processes   {", ".join(installation.parts)}
  folder      {folder}   (data, logs; the demo units' keys{secrets} in dev.json)

Sign in to the console as one of these:

{logins}

Try next, in another terminal:

  . {shlex.quote(str(installation.environment_file))}
  curl -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\
       -d @{shlex.quote(str(folder / _EVENT_FILE))} {installation.gateway}/v1/events
                       # {sender} transfers a case to {receiver}
  linkage case {sender}:{number}
                       # what became of it: to whom it went and why
  linkage tail {receiver} --from-beginning
                       # the same as it arrives at {receiver}, by Kafka
  linkage clocks       # which statutory clocks run now
  linkage dlq list     # what was refused, and why
  linkage verify       # that nothing was changed: the audit chain and what was signed of it

Ctrl-C stops everything."""


def example_event(receiver: str, number: str, now: datetime) -> dict[str, object]:
    """A transfer of the case `number` to the police organ `receiver` at `now`, as `POST /v1/events` takes it."""
    return {
        "type": "transfer.sent",
        "case": {"number": number},
        "time": now.astimezone(CHINA).isoformat(timespec="seconds"),
        "field": "environment",
        "data": {
            "addressee": receiver,
            "offence": "污染环境罪",
            "summary": "An example of `linkage dev`; nothing of this happened.",
        },
    }


def _pair(register: Register) -> tuple[str, str]:
    """An agency of the register and the police organ that its cases go to."""
    for unit in register.units:
        police = register.acting(unit.district, Role.POLICE)
        if Role.AGENCY in unit.roles and police is not None:
            return unit.code, police
    raise RegisterError(
        "the register has no agency with a police organ in its district: nothing can be tried"
    )
