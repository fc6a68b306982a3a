"""Proposed rules: checked when they are proposed, shown by what they would change, installed once they are approved."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from consumers.administration.proposals import (
    Kind,
    Proposal,
    ProposalError,
    finish,
    proposal_of,
)
from consumers.approvals.rules import State
from consumers.explaining.profiles import known_profiles
from consumers.rulebook import Rulebook
from consumers.workdays import Calendar, CalendarError, parse_calendar
from infra.audit import Actor, enter_change
from infra.rules import read_calendar, read_rulebook
from infra.running_rules import mark_of, running
from infra.settings import Settings
from schemas.spans import parse_time

LEAST_AHEAD = timedelta(hours=1)
"""A proposed edition becomes known so much later at the least: there are a decision and a restart before it."""
LAST_MOMENT = timedelta(minutes=5)
"""So long before it becomes known an edition can be installed; every process has to be started anew by then."""


def profiles_body(settings: Settings, names: Collection[str]) -> dict[str, Any]:
    """What a proposal of these profiles keeps. Raises ProposalError for an unknown one, or if nothing changes."""
    unknown = sorted(set(names) - known_profiles())
    if unknown:
        raise ProposalError(f"没有名为 {unknown[0]} 的规则选项 — no rule has the profile {unknown[0]}")
    if set(names) == settings.profiles:
        raise ProposalError("与现行规则选项相同 — these profiles are in force already")
    return {"profiles": sorted(names), "was": sorted(settings.profiles)}


def calendar_body(settings: Settings, snippet: str, now: datetime) -> dict[str, Any]:
    """What a proposal of further editions keeps: the whole file as it would be. Raises ProposalError.

    `snippet` has nothing but `[[edition]]` tables, the first of which is known LEAST_AHEAD from `now` at the soonest.
    """
    current, known = _current(settings)
    try:
        if set(tomllib.loads(snippet)) != {"edition"}:
            raise ProposalError("只能包含 [[edition]] — give [[edition]] tables and nothing else")
        text = f"{current.rstrip()}\n\n{snippet.strip()}\n"
        proposed = parse_calendar(text, "upload")
    except (tomllib.TOMLDecodeError, CalendarError) as error:
        raise ProposalError(f"日历内容有误：{error} — the calendar cannot be used: {error}") from None
    added = proposed.editions[len(known.editions) :]
    if not added:
        raise ProposalError("没有新的 [[edition]] — there is no new [[edition]]")
    if added[0].known_from < now + LEAST_AHEAD:
        raise ProposalError("启用时间须至少在一小时之后 — known_from has to lie an hour ahead at the least")
    return {
        "text": text,
        "before": _sum(current),
        "version": proposed.newest.version,
        "known_from": added[0].known_from.isoformat(),
        "editions": [{"known_from": one.known_from.isoformat(), "reason": one.reason} for one in added],
    }


def proposed_calendar(proposal: Proposal) -> Calendar:
    """The calendar that the proposal would put in force."""
    return parse_calendar(proposal.body["text"], "proposal")


def sides(settings: Settings, proposal: Proposal) -> tuple[Rulebook, Rulebook]:
    """The rules in force and the proposed ones, to be compared on past cases.

    Calendars are compared as if everything entered were known from the start: as they are, no past decision would
    differ by an edition that is known only later.
    """
    current = read_rulebook(settings)
    if proposal.kind is Kind.PROFILES:
        return current, replace(current, profiles=frozenset(proposal.body["profiles"]))
    return (
        replace(current, calendar=current.calendar.newest),
        replace(current, calendar=proposed_calendar(proposal).newest),
    )


def install(
    connection: Connection, settings: Settings, actor: Actor, proposal_id: UUID, *, now: datetime
) -> str:
    """Puts an approved proposal in place and marks it as carried out; returns what is left to do.

    Repeating it does no harm. The caller commits. Raises ProposalError, with nothing changed.
    """
    proposal = proposal_of(connection, proposal_id, lock=True)
    if proposal.kind not in _INSTALLING:
        raise ProposalError("该事项不是规则变更 — this proposal changes no rules")
    if proposal.state is State.DONE:
        return "it is installed already"
    if proposal.state is not State.APPROVED:
        raise ProposalError(
            f"该事项状态为 {proposal.state.value} — it is {proposal.state.value}, not approved"
        )
    told = _INSTALLING[proposal.kind](connection, settings, proposal, now)
    finish(connection, proposal_id, now=now)
    enter_change(connection, actor, f"{proposal.kind.value}-installed", str(proposal_id), "", now=now)
    return told


def _install_calendar(_: Connection, settings: Settings, proposal: Proposal, now: datetime) -> str:
    current, _known = _current(settings)
    text, known_from = proposal.body["text"], parse_time(proposal.body["known_from"])
    if _sum(current) != _sum(text):
        if _sum(current) != proposal.body["before"]:
            raise ProposalError(
                "日历文件在提出之后已被改动，请重新提出 — the file changed since it was proposed: propose anew"
            )
        if known_from < now + LAST_MOMENT:
            raise ProposalError(
                "启用时间已到或即将到，请重新提出 — it is too late for its known_from: propose anew"
            )
        _replace(_file(settings), text)
    return f"restart every worker and clock, then gateway and console, before {known_from.isoformat()}"


def _install_profiles(connection: Connection, settings: Settings, proposal: Proposal, _: datetime) -> str:
    wanted = frozenset(proposal.body["profiles"])
    if settings.profiles != wanted:
        line = "LINKAGE_PROFILES='[" + ", ".join(f'"{one}"' for one in sorted(wanted)) + "]'"
        raise ProposalError(
            f"请停止全部 worker 与 clock，设置 {line} 后再启动 — stop every worker and clock, set {line} for every "
            "process and here, start them, and repeat this"
        )
    mine = mark_of(read_rulebook(settings))
    behind = [one for one in running(connection) if one.mark != mine]
    if behind:
        raise ProposalError(
            f"{behind[0].process} 仍按原规则运行 — a {behind[0].process} still runs with other rules: restart it"
        )
    return "every running process has these profiles"


_INSTALLING = {Kind.CALENDAR: _install_calendar, Kind.PROFILES: _install_profiles}


def _file(settings: Settings) -> Path:
    if settings.holidays is None:
        raise ProposalError(
            "未设置 LINKAGE_HOLIDAYS — LINKAGE_HOLIDAYS is not set: name a calendar file, empty at first, for every "
            "process"
        )
    return settings.holidays


def _current(settings: Settings) -> tuple[str, Calendar]:
    file = _file(settings)
    return file.read_text(encoding="utf-8"), read_calendar(settings)


def _replace(file: Path, text: str) -> None:
    """The file holds either the old text or the new one, whatever happens."""
    fresh = file.with_name(f"{file.name}.new")
    with fresh.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def told_of(body: Mapping[str, Any]) -> list[str]:
    """The profiles or editions of a proposal, one line each."""
    if "profiles" in body:
        on = [f"+ {one}" for one in body["profiles"] if one not in body["was"]]
        return [*on, *(f"− {one}" for one in body["was"] if one not in body["profiles"])]
    return [f"{one['known_from']} {one['reason']}" for one in body["editions"]]
