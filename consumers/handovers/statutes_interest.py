"""Limits of public-interest litigation (公益诉讼), and of what runs beside a case."""

from __future__ import annotations

from consumers.casefile import ClockKind
from consumers.handovers import duties
from consumers.handovers.periods import calendar_days, months, working_days
from consumers.handovers.statute import Statute
from consumers.handovers.texts import (
    IN_LETTER,
    LINKAGE,
    LINKAGE_2021,
    ORDER_2020,
    PIL,
    PIL_2018,
    SINCE_2001,
    SUED,
    TARGET,
    UP_AND_JUSTICE,
)
from consumers.sources import Mark

INTEREST: tuple[Statute, ...] = (
    # Public-interest litigation.
    Statute(
        "PIL-21", "2018-urgent", duties.REPLY_TO_SUGGESTION,
        "紧急情形书面回复", "Reply to the suggestion, urgent",
        calendar_days(15), f"{PIL}第21条第2款", Mark.VERIFIED, PIL_2018, only=(("urgent", (True,)),), by_letter=True,
        breach=SUED, escalate_to=UP_AND_JUSTICE,
    ),
    Statute(
        "PIL-21", "2018", duties.REPLY_TO_SUGGESTION,
        "依法履职并书面回复", "Perform and reply to the suggestion",
        months(2), f"{PIL}第21条第2款", Mark.VERIFIED, PIL_2018, by_letter=True,
        breach=SUED, escalate_to=UP_AND_JUSTICE,
    ),
    Statute(
        "LETTER-suggestion", "1", duties.REPLY_TO_SUGGESTION,
        "按检察建议载明的期限回复", "Reply as the suggestion says",
        None, IN_LETTER, Mark.DERIVED, SINCE_2001, PIL_2018, by_letter=True, escalate_to=UP_AND_JUSTICE,
    ),
    Statute(
        "PIL-13", "2018", duties.WAIT_FOR_PLAINTIFFS,
        "民事公益诉讼诉前公告期", "Announcement before a civil suit",
        calendar_days(30), f"{PIL}第13条、第20条", Mark.VERIFIED, PIL_2018, kind=ClockKind.WAITING,
        also=("PIL-20",), breach="公告期未满即起诉 — the suit came too early",
    ),
    # Side tracks.
    Statute(
        "SPP21-13", "2021", duties.ANSWER_CONSULTATION,
        "答复书面咨询", "Answer a written consultation",
        calendar_days(7), f"{LINKAGE}第13条", Mark.MEMORY, LINKAGE_2021, profile="spp21-13",
    ),
    Statute(
        "T-returned", "1", duties.DEAL_WITH_RETURNED,
        "处理移送行政处理的案件", "Take up a returned case",
        working_days(10), f"{TARGET}：{ORDER_2020}第13条“及时”", Mark.DERIVED, SINCE_2001, office=True,
    ),
    Statute(
        "T-mirror", "1", duties.HANDLE_MIRROR,
        "受理或退回抄送的意见", "Take up or dismiss a mirrored opinion",
        working_days(5), TARGET, Mark.DERIVED, SINCE_2001, office=True, watched=True,
    ),
    Statute(
        "T-obstacle", "1", duties.CLEAR_OBSTACLE,
        "消除移送障碍", "Clear an obstacle to transfer",
        working_days(10), TARGET, Mark.DERIVED, SINCE_2001, office=True,
    ),
)  # fmt: skip
