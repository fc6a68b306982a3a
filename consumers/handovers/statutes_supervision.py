"""Limits of reconsideration (复议) and filing supervision (立案监督)."""

from __future__ import annotations

from consumers.handovers import duties
from consumers.handovers.order_310 import order_310
from consumers.handovers.periods import calendar_days, months, working_days
from consumers.handovers.statute import Statute
from consumers.handovers.texts import (
    ENVIRONMENT,
    ENVIRONMENT_2017,
    ENVIRONMENTAL,
    FILING_2010,
    FILING_SUPERVISION,
    FOOD,
    FOOD_2015,
    IN_LETTER,
    LAPSES,
    OLD_RULES,
    POLICE,
    RULES,
    RULES_2012,
    RULES_2019,
    SINCE_2001,
    SUPERVISED,
    UP,
    UP_AND_JUSTICE,
)
from consumers.sources import Mark

SUPERVISION: tuple[Statute, ...] = (
    Statute(
        "ENV-17-09a", "2017", duties.ASK_RECONSIDERATION,
        "环境案件提请复议", "Ask for reconsideration, environment",
        working_days(3), ENVIRONMENT, Mark.MEMORY, ENVIRONMENT_2017, profile="env-17", fields=ENVIRONMENTAL,
        breach=LAPSES,
    ),
    Statute(
        "FOOD-15-09a", "2015", duties.ASK_RECONSIDERATION,
        "食品药品案件提请复议（外地做法）", "Ask for reconsideration, food and drugs (another place's practice)",
        working_days(3), FOOD, Mark.REPORTED, FOOD_2015, profile="food-15", fields=frozenset({"food", "drug"}),
        breach=LAPSES,
    ),
    *order_310(
        "O310-09a", duties.ASK_RECONSIDERATION, "第9条第1款", calendar_days(3),
        zh="提请复议或建议立案监督", en="Ask for reconsideration or supervision",
        breach=LAPSES, up=(), also=("PSB-181a",),
    ),
    Statute(
        "FS-2010-07", "2010", duties.GIVE_REASONS,
        "说明不立案理由", "Explain why nothing was filed",
        calendar_days(7), FILING_SUPERVISION, Mark.REPORTED, FILING_2010, RULES_2012, escalate_to=UP,
    ),
    Statute(
        "FS-2010-09", "2010", duties.FILE_AS_ORDERED,
        "按通知立案", "File as ordered",
        calendar_days(15), FILING_SUPERVISION, Mark.REPORTED, FILING_2010, RULES_2012, escalate_to=UP,
    ),
    Statute(
        "ENV-17-09b", "2017", duties.DECIDE_RECONSIDERATION,
        "环境案件复议决定", "Decide the reconsideration, environment",
        working_days(3), ENVIRONMENT, Mark.MEMORY, ENVIRONMENT_2017, profile="env-17", fields=ENVIRONMENTAL,
        breach=SUPERVISED, escalate_to=UP,
    ),
    *order_310(
        "O310-09b", duties.DECIDE_RECONSIDERATION, "第9条第2款", calendar_days(3),
        zh="作出复议决定", en="Decide the reconsideration",
        breach=SUPERVISED, also=("PSB-181b",),
    ),
    *order_310(
        "O310-09c", duties.PROPOSE_SUPERVISION, "第9条第2款", calendar_days(3),
        zh="建议立案监督", en="Propose filing supervision",
        breach=LAPSES, up=(),
    ),
    Statute(
        "PR-560", "2019", duties.GIVE_REASONS,
        "说明不立案理由", "Explain why nothing was filed",
        calendar_days(7), f"{RULES}第560条、第562条；{POLICE}第182条第1款", Mark.VERIFIED, RULES_2019,
        also=("PR-562", "PSB-182a"), breach="纠正意见 — correction opinion", escalate_to=UP,
    ),
    Statute(
        "PR-560", "2012", duties.GIVE_REASONS,
        "说明不立案理由", "Explain why nothing was filed",
        calendar_days(7), f"{OLD_RULES}第557条", Mark.VERIFIED, RULES_2012, RULES_2019,
        also=("FS-2010-07",), escalate_to=UP,
    ),
    Statute(
        "PR-561", "2019", duties.CONCLUDE_SUPERVISION,
        "告知不立案理由成立", "Tell the agency that the reasons hold",
        calendar_days(10), f"{RULES}第561条第2款", Mark.VERIFIED, RULES_2019,
    ),
    Statute(
        "PR-561", "2012", duties.CONCLUDE_SUPERVISION,
        "告知不立案理由成立", "Tell the agency that the reasons hold",
        calendar_days(10), f"{OLD_RULES}第558条第2款", Mark.VERIFIED, RULES_2012, RULES_2019,
    ),
    Statute(
        "PR-563", "2019", duties.FILE_AS_ORDERED,
        "按通知立案", "File as ordered",
        calendar_days(15), f"{RULES}第563条；{POLICE}第182条第2款", Mark.VERIFIED, RULES_2019,
        also=("PSB-182b", "ECO-15-ordered"), escalate_to=UP,
        breach="纠正违法通知书，仍不纠正的报上一级 — correction notice, then the next level (art. 564(2))",
    ),
    Statute(
        "PR-563", "2012", duties.FILE_AS_ORDERED,
        "按通知立案", "File as ordered",
        calendar_days(15), f"{OLD_RULES}第559条", Mark.VERIFIED, RULES_2012, RULES_2019,
        also=("FS-2010-09",), escalate_to=UP,
    ),
    Statute(
        "PR-564", "2019", duties.INVESTIGATE_AS_ORDERED,
        "监督立案案件侦查终结", "Conclude the supervised investigation",
        months(3), f"{RULES}第564条第3款", Mark.VERIFIED, RULES_2019,
        breach="立案监督案件催办函 — reminder letter", escalate_to=UP,
    ),
    Statute(
        "ENV-17", "2017", duties.TRANSFER_ON_OPINION,
        "收到检察意见后移送", "Transfer after the procuratorial opinion",
        calendar_days(3), ENVIRONMENT, Mark.REPORTED, ENVIRONMENT_2017, fields=ENVIRONMENTAL, by_letter=True,
        escalate_to=UP_AND_JUSTICE,
    ),
    Statute(
        "LETTER-transfer", "1", duties.TRANSFER_ON_OPINION,
        "按检察意见载明的期限移送或答复", "Transfer or answer as the letter says",
        None, IN_LETTER, Mark.DERIVED, SINCE_2001, by_letter=True, escalate_to=UP_AND_JUSTICE,
    ),
)  # fmt: skip
