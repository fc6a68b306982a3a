"""Limits of prosecution (审查起诉) and of reverse linkage (反向衔接)."""

from __future__ import annotations

from consumers.handovers import duties
from consumers.handovers.periods import calendar_days, months, working_days
from consumers.handovers.statute import Statute
from consumers.handovers.texts import (
    ENVIRONMENT,
    ENVIRONMENT_2017,
    ENVIRONMENTAL,
    FOLLOWED_UP,
    GUIDE,
    GUIDE_2024,
    IN_LETTER,
    LINKAGE,
    LINKAGE_2021,
    PROCEDURE,
    PROCEDURE_2018,
    REPORTED_UP,
    SINCE_2001,
    SUGGESTION,
    SUGGESTION_2019,
    UNANSWERED,
    UP_AND_JUSTICE,
)
from consumers.sources import Mark

PERIOD_SET = "case.review_period_set"

PROSECUTION: tuple[Statute, ...] = (
    Statute(
        "CPL-172-fast", "2018", duties.DECIDE_PROSECUTION,
        "审查起诉（速裁）", "Decide on prosecution, fast track",
        calendar_days(10), f"{PROCEDURE}第172条第1款", Mark.VERIFIED, PROCEDURE_2018,
        if_said=(PERIOD_SET, (("kind", ("fast_track",)),)), longest=months(7),
    ),
    Statute(
        "CPL-172-fast-15", "2018", duties.DECIDE_PROSECUTION,
        "审查起诉（速裁，可能判处一年以上有期徒刑）", "Decide on prosecution, fast track, over a year's imprisonment",
        calendar_days(15), f"{PROCEDURE}第172条第1款", Mark.VERIFIED, PROCEDURE_2018,
        if_said=(PERIOD_SET, (("kind", ("fast_track_extended",)),)), longest=months(7),
    ),
    Statute(
        "CPL-172-extended", "2018", duties.DECIDE_PROSECUTION,
        "审查起诉（重大、复杂，延长十五日）", "Decide on prosecution, extended for a major or complex case",
        months(1, plus_days=15), f"{PROCEDURE}第172条第1款", Mark.VERIFIED, PROCEDURE_2018,
        if_said=(PERIOD_SET, (("kind", ("extended",)),)), longest=months(7),
    ),
    Statute(
        "CPL-175", "2018", duties.INVESTIGATE_FURTHER,
        "补充侦查（以二次为限）", "Supplementary investigation, at most twice",
        months(1), f"{PROCEDURE}第175条第3款", Mark.VERIFIED, PROCEDURE_2018,
    ),
    Statute(
        "CPL-172", "2018", duties.DECIDE_PROSECUTION,
        "审查起诉", "Decide on prosecution",
        months(1), f"{PROCEDURE}第172条、第175条第3款", Mark.VERIFIED, PROCEDURE_2018,
        longest=months(7),  # three runs of a month and 15 days, and a month of investigation twice between them
    ),
    Statute(
        "ENV-17-notice", "2017", duties.TELL_OF_NON_PROSECUTION,
        "不起诉后书面告知行政机关", "Tell the agency of the non-prosecution",
        calendar_days(3), ENVIRONMENT, Mark.REPORTED, ENVIRONMENT_2017, fields=ENVIRONMENTAL,
    ),
    Statute(
        "G24-a", "2024", duties.MOVE_TO_REVERSE,
        "不起诉案件移送行政检察部门", "Move the case to the administrative department",
        working_days(3), GUIDE, Mark.REPORTED, GUIDE_2024,
    ),
    Statute(
        "SPP21-08", "2021", duties.ISSUE_OPINION_WITH_DECISION,
        "不起诉后提出检察意见", "Opinion with the non-prosecution",
        calendar_days(3), f"{LINKAGE}第8条", Mark.MEMORY, LINKAGE_2021, profile="spp21-08",
    ),
    Statute(
        "G24-12", "2024", duties.REVIEW_REVERSE,
        "反向衔接审查", "Review for reverse linkage",
        working_days(10), f"{GUIDE}第12条、第13条", Mark.VERIFIED, GUIDE_2024,
    ),
    Statute(
        "SPP21-09", "2021-kept", duties.REPLY_TO_OPINION,
        "书面回复检察意见", "Reply to the opinion",
        months(2), f"{LINKAGE}第9条", Mark.REPORTED, GUIDE_2024, profile="spp21-09", by_letter=True,
        breach=FOLLOWED_UP, escalate_to=UP_AND_JUSTICE, announces=UNANSWERED,
    ),
    Statute(
        "G24-reply-90", "2024", duties.REPLY_TO_OPINION,
        "书面回复检察意见", "Reply to the opinion",
        calendar_days(90), GUIDE, Mark.REPORTED, GUIDE_2024, by_letter=True,
        breach=FOLLOWED_UP, escalate_to=UP_AND_JUSTICE, announces=UNANSWERED,
    ),
    Statute(
        "SPP21-09", "2021", duties.REPLY_TO_OPINION,
        "书面回复检察意见", "Reply to the opinion",
        months(2), f"{LINKAGE}第9条", Mark.REPORTED, LINKAGE_2021, GUIDE_2024, by_letter=True,
        breach=FOLLOWED_UP, escalate_to=UP_AND_JUSTICE, announces=UNANSWERED,
    ),
    Statute(
        "LETTER-reply", "1", duties.REPLY_TO_OPINION,
        "按检察意见载明的期限回复", "Reply as the letter says",
        None, IN_LETTER, Mark.DERIVED, SINCE_2001, LINKAGE_2021, by_letter=True,
        escalate_to=UP_AND_JUSTICE, announces=UNANSWERED,
    ),
    Statute(
        "SUG-19", "2019", duties.REPLY_TO_FOLLOW_UP,
        "落实并回复检察建议", "Act on the suggestion and reply",
        months(2), f"{SUGGESTION}第19条", Mark.REPORTED, SUGGESTION_2019, by_letter=True,
        only=(("kind", ("suggestion",)),), breach=REPORTED_UP, escalate_to=UP_AND_JUSTICE,
    ),
    Statute(
        "LETTER-follow-up", "1", duties.REPLY_TO_FOLLOW_UP,
        "按跟进监督文书载明的期限回复", "Answer the follow-up as it says",
        None, IN_LETTER, Mark.DERIVED, SINCE_2001, by_letter=True, escalate_to=UP_AND_JUSTICE,
    ),
)  # fmt: skip
