"""The table of limits. `linkage due` counts by it, docs/statutes.md shows it, every clock names its row.

Marks: V the article was read in a full text · V~ seen in a quotation or report · M known from memory only, off
until its profile is turned on · D decided by us, such as an office's own target (内部时限). Rows of one duty
exclude each other: the first that fits the start's date, field, offence and the office's profiles is the limit.
A row once used stays: clocks in the log name it.
"""

from __future__ import annotations

from datetime import date

from consumers.casefile import ClockKind
from consumers.handovers import duties
from consumers.handovers.duty import Duty
from consumers.handovers.periods import Period, calendar_days, hours, months, working_days
from consumers.handovers.statute import Statute
from consumers.sources import Mark
from schemas.units import Role

# First days of the texts, and the texts themselves.
_2001, _2020 = date(2001, 7, 9), date(2020, 8, 7)
_ORDER_2001 = "《行政执法机关移送涉嫌犯罪案件的规定》（国务院令第310号，2001）"
_ORDER_2020 = "《行政执法机关移送涉嫌犯罪案件的规定》（国务院令第310号，2020修订）"
_JOINT_2006, _JOINT = date(2006, 3, 2), "《关于在行政执法中及时移送涉嫌犯罪案件的意见》（高检会〔2006〕2号）"
_PENALTY_2021, _PENALTY = date(2021, 7, 15), "《行政处罚法》（2021）"
_POLICE_2020, _POLICE = date(2020, 9, 1), "《公安机关办理刑事案件程序规定》（2020）"
_REFORM_2015, _REFORM = date(2015, 11, 4), "公安部《关于改革完善受案立案制度的意见》（2015）"
_ECONOMIC_2018 = date(2018, 1, 1)
_ECONOMIC = "《最高检 公安部关于公安机关办理经济犯罪案件的若干规定》（公通字〔2017〕25号）"
_ENVIRONMENT_2017 = date(2017, 1, 25)
_ENVIRONMENT = "《环境保护行政执法与刑事司法衔接工作办法》（环环监〔2017〕17号）"
_SAFETY_2019, _SAFETY = date(2019, 4, 16), "《安全生产行政执法与刑事司法衔接工作办法》（应急〔2019〕54号）"
_RULES_2012, _OLD_RULES = date(2013, 1, 1), "《人民检察院刑事诉讼规则（试行）》（2012）"
_RULES_2019, _RULES = date(2019, 12, 30), "《人民检察院刑事诉讼规则》（2019）"
_PROCEDURE_2018, _PROCEDURE = date(2018, 10, 26), "《刑事诉讼法》（2018）"
_LINKAGE_2021 = date(2021, 9, 6)
_LINKAGE = "《最高检关于推进行政执法与刑事司法衔接工作的规定》（高检发释字〔2021〕4号）"
_GUIDE_2024, _GUIDE = date(2024, 11, 26), "《人民检察院行刑反向衔接工作指引》（2024）"
_SUGGESTION_2019, _SUGGESTION = date(2019, 2, 26), "《人民检察院检察建议工作规定》（2019）"
_PIL_2018, _PIL = date(2018, 3, 2), "《两高关于检察公益诉讼案件适用法律若干问题的解释》"
_TARGET = "内部时限，非法定期限 — office target, no statutory limit"
_IN_LETTER = "文书载明的期限 — period set in the letter"

# What follows a breach, and who is told if nothing happens even then.
_LATE_TRANSFER = "责令限期移送，负责人记过以上处分（第16条）— ordered to transfer, demerit or more (art. 16)"
_LATE_FILING = "立案监督，责令改正，记过以上处分（第17条）— filing supervision, demerit or more (art. 17)"
_LATE_ITEMS = "第15条、第16条 — arts. 15 and 16"
_LAPSES = "权利失效 — the right lapses"
_SUPERVISED = "立案监督 — filing supervision"
_FOLLOWED_UP = "跟进监督，检察建议 — follow-up, procuratorial suggestion"
_REPORTED_UP = "报上级检察院，通报其上级机关 — reported to the higher procuratorate and the superior"
_SUED = "提起行政公益诉讼 — suit"
_UP = (Role.SUPERIOR,)
_UP_AND_JUSTICE = (Role.SUPERIOR, Role.JUSTICE)
_UNDECIDED, _UNANSWERED = "filing.undecided_overdue", "reverse.reply_overdue"

_ENVIRONMENTAL = frozenset({"environment"})


def _order_310(
    code: str, duty: Duty, article: str, period: Period, *, zh: str, en: str,
    breach: str, up: tuple[Role, ...] = _UP, also: tuple[str, ...] = (), announces: str | None = None,
) -> tuple[Statute, Statute]:  # fmt: skip
    """Both versions of one limit of Order 310: the revision of 2020 changed none of the numbers."""
    now, before = f"{_ORDER_2020}{article}", f"{_ORDER_2001}{article}"
    return (
        Statute(
            code, "2020", duty, zh, en, period, now, Mark.VERIFIED, _2020,
            also=also, breach=breach, escalate_to=up, announces=announces,
        ),
        Statute(
            code, "2001", duty, zh, en, period, before, Mark.VERIFIED, _2001, _2020,
            breach=breach, escalate_to=up, announces=announces,
        ),
    )  # fmt: skip


STATUTES: tuple[Statute, ...] = (
    # Forward transfer: the agency.
    Statute(
        "O310-05a", "1", duties.FORM_TASK_GROUP,
        "指定专案组", "Name the task group",
        working_days(3), f"{_TARGET}：{_ORDER_2020}第5条第1款“立即”", Mark.DERIVED, _2001, office=True,
    ),
    *_order_310(
        "O310-05b", duties.DECIDE_ON_TRANSFER, "第5条第2款", calendar_days(3),
        zh="负责人决定是否移送", en="Head decides on the transfer",
        breach=_LATE_TRANSFER, up=_UP_AND_JUSTICE,
    ),
    *_order_310(
        "O310-05c", duties.TRANSFER, "第5条第2款", hours(24),
        zh="批准后移送公安机关", en="Transfer to the police after approval",
        breach=_LATE_TRANSFER, up=_UP_AND_JUSTICE,
    ),
    *_order_310(
        "O310-12", duties.HAND_OVER_ITEMS, "第12条", calendar_days(3),
        zh="移交涉案物品并办结交接手续", en="Hand over articles, complete the formalities",
        breach=_LATE_ITEMS,
    ),
    Statute(
        "JOINT-06", "2006", duties.COPY_PENALTY,
        "处罚后抄送公安机关、检察机关", "Copy a penalty given instead of a transfer",
        calendar_days(10), f"{_JOINT}第1条", Mark.REPORTED, _JOINT_2006, escalate_to=_UP,
    ),
    Statute(
        "APL-60", "2021", duties.PENALISE,
        "作出行政处罚决定", "Decide the penalty case",
        calendar_days(90), f"{_PENALTY}第60条", Mark.VERIFIED, _PENALTY_2021, escalate_to=_UP_AND_JUSTICE,
    ),
    # Forward transfer: the police.
    *_order_310(
        "O310-07b", duties.FORWARD, "第7条", hours(24),
        zh="转送有管辖权的机关", en="Forward to the competent organ",
        breach=_LATE_FILING, also=("PSB-175",),
    ),
    Statute(
        "PSB-180b-notify", "2020", duties.REQUEST_SUPPLEMENT,
        "通知补正", "Ask for missing materials",
        hours(24), f"{_POLICE}第180条第2款", Mark.VERIFIED, _POLICE_2020, also=("PSB-16-notify",),
    ),
    Statute(
        "PSB-180b", "2020", duties.SUPPLEMENT,
        "补正材料", "Supplement the materials",
        calendar_days(3), f"{_POLICE}第180条第2款", Mark.VERIFIED, _POLICE_2020, also=("PSB-16",),
    ),
    Statute(
        "ECO-16", "2018", duties.DECIDE_FILING,
        "经济犯罪案件立案审查（至迟期限）", "Filing decision, economic crime: the outer limit",
        calendar_days(10), f"{_ECONOMIC}第16条", Mark.REPORTED, _ECONOMIC_2018, economic=True,
        extensions=(("county_head", 30), ("higher_organ", 60)),
        breach=_LATE_FILING, escalate_to=_UP, announces=_UNDECIDED,
    ),
    Statute(
        "MPS-2015", "2015", duties.DECIDE_FILING,
        "受案立案审查（复杂线索可至30日）", "Filing decision, longer for complex leads",
        calendar_days(3), _REFORM, Mark.MEMORY, _REFORM_2015, profile="mps-2015",
        extensions=(("county_head", 30), ("higher_organ", 30)),
        breach=_LATE_FILING, escalate_to=_UP, announces=_UNDECIDED,
    ),
    Statute(
        "ENV-17-filing", "2017", duties.DECIDE_FILING,
        "环境案件立案审查（复杂线索可至30日）", "Filing decision, environment, longer for complex leads",
        calendar_days(3), _ENVIRONMENT, Mark.MEMORY, _ENVIRONMENT_2017, profile="env-17", fields=_ENVIRONMENTAL,
        extensions=(("county_head", 30), ("higher_organ", 30)),
        breach=_LATE_FILING, escalate_to=_UP, announces=_UNDECIDED,
    ),
    *_order_310(
        "O310-08", duties.DECIDE_FILING, "第8条", calendar_days(3),
        zh="决定是否立案", en="Filing decision",
        breach=_LATE_FILING, also=("PSB-180a",), announces=_UNDECIDED,
    ),
    Statute(
        "ECO-16-ordinary", "2018-economic", duties.DECIDE_FILING_SOON,
        "经济犯罪案件立案审查（通常期限）", "Filing decision, economic crime: the ordinary limit",
        calendar_days(3),
        f"通常期限，至迟期限见 ECO-16 — ordinary limit, see ECO-16：{_ORDER_2020}第8条；{_ECONOMIC}第16条",
        Mark.REPORTED, _ECONOMIC_2018, economic=True, office=True,
    ),
    Statute(
        "PSB-184", "2020", duties.TELL_OF_MOVE,
        "移送其他公安机关后通知移送机关", "Tell the agency that the case moved",
        calendar_days(3), f"{_POLICE}第184条", Mark.VERIFIED, _POLICE_2020,
    ),
    Statute(
        "PSB-189", "2020", duties.TELL_OF_WITHDRAWAL,
        "撤案后告知移送机关", "Tell the agency of the withdrawal",
        calendar_days(3), f"{_POLICE}第189条", Mark.VERIFIED, _POLICE_2020,
    ),
    Statute(
        "SAFE-19", "2019", duties.TELL_OF_FILING,
        "安全生产案件立案结果通知并抄送", "Tell of the filing decision, work safety",
        calendar_days(3), _SAFETY, Mark.REPORTED, _SAFETY_2019, fields=frozenset({"work_safety"}),
    ),
    # Reconsideration and filing supervision.
    *_order_310(
        "O310-09a", duties.ASK_RECONSIDERATION, "第9条第1款", calendar_days(3),
        zh="提请复议或建议立案监督", en="Ask for reconsideration or supervision",
        breach=_LAPSES, up=(), also=("PSB-181a",),
    ),
    Statute(
        "ENV-17-09b", "2017", duties.DECIDE_RECONSIDERATION,
        "环境案件复议决定", "Decide the reconsideration, environment",
        working_days(3), _ENVIRONMENT, Mark.MEMORY, _ENVIRONMENT_2017, profile="env-17", fields=_ENVIRONMENTAL,
        breach=_SUPERVISED, escalate_to=_UP,
    ),
    *_order_310(
        "O310-09b", duties.DECIDE_RECONSIDERATION, "第9条第2款", calendar_days(3),
        zh="作出复议决定", en="Decide the reconsideration",
        breach=_SUPERVISED, also=("PSB-181b",),
    ),
    *_order_310(
        "O310-09c", duties.PROPOSE_SUPERVISION, "第9条第2款", calendar_days(3),
        zh="建议立案监督", en="Propose filing supervision",
        breach=_LAPSES, up=(),
    ),
    Statute(
        "PR-560", "2019", duties.GIVE_REASONS,
        "说明不立案理由", "Explain why nothing was filed",
        calendar_days(7), f"{_RULES}第560条、第562条；{_POLICE}第182条第1款", Mark.VERIFIED, _RULES_2019,
        also=("PR-562", "PSB-182a"), breach="纠正意见 — correction opinion", escalate_to=_UP,
    ),
    Statute(
        "PR-560", "2012", duties.GIVE_REASONS,
        "说明不立案理由", "Explain why nothing was filed",
        calendar_days(7), f"{_OLD_RULES}第557条", Mark.VERIFIED, _RULES_2012, _RULES_2019,
        also=("FS-2010-07",), escalate_to=_UP,
    ),
    Statute(
        "PR-561", "2019", duties.CONCLUDE_SUPERVISION,
        "告知不立案理由成立", "Tell the agency that the reasons hold",
        calendar_days(10), f"{_RULES}第561条第2款", Mark.VERIFIED, _RULES_2019,
    ),
    Statute(
        "PR-561", "2012", duties.CONCLUDE_SUPERVISION,
        "告知不立案理由成立", "Tell the agency that the reasons hold",
        calendar_days(10), f"{_OLD_RULES}第558条第2款", Mark.VERIFIED, _RULES_2012, _RULES_2019,
    ),
    Statute(
        "PR-563", "2019", duties.FILE_AS_ORDERED,
        "按通知立案", "File as ordered",
        calendar_days(15), f"{_RULES}第563条；{_POLICE}第182条第2款", Mark.VERIFIED, _RULES_2019,
        also=("PSB-182b",), escalate_to=_UP,
        breach="纠正违法通知书，仍不纠正的报上一级 — correction notice, then the next level (art. 564(2))",
    ),
    Statute(
        "PR-563", "2012", duties.FILE_AS_ORDERED,
        "按通知立案", "File as ordered",
        calendar_days(15), f"{_OLD_RULES}第559条", Mark.VERIFIED, _RULES_2012, _RULES_2019,
        also=("FS-2010-09",), escalate_to=_UP,
    ),
    Statute(
        "PR-564", "2019", duties.INVESTIGATE_AS_ORDERED,
        "监督立案案件侦查终结", "Conclude the supervised investigation",
        months(3), f"{_RULES}第564条第3款", Mark.VERIFIED, _RULES_2019,
        breach="立案监督案件催办函 — reminder letter", escalate_to=_UP,
    ),
    Statute(
        "ENV-17", "2017", duties.TRANSFER_ON_OPINION,
        "收到检察意见后移送", "Transfer after the procuratorial opinion",
        calendar_days(3), _ENVIRONMENT, Mark.REPORTED, _ENVIRONMENT_2017, fields=_ENVIRONMENTAL, by_letter=True,
        escalate_to=_UP_AND_JUSTICE,
    ),
    Statute(
        "LETTER-transfer", "1", duties.TRANSFER_ON_OPINION,
        "按检察意见载明的期限移送或答复", "Transfer or answer as the letter says",
        None, _IN_LETTER, Mark.DERIVED, _2001, by_letter=True, escalate_to=_UP_AND_JUSTICE,
    ),
    # Prosecution and reverse linkage.
    Statute(
        "CPL-172", "2018", duties.DECIDE_PROSECUTION,
        "审查起诉", "Decide on prosecution",
        months(1), f"{_PROCEDURE}第172条、第175条第3款", Mark.VERIFIED, _PROCEDURE_2018,
        longest=months(7),  # three runs of a month and 15 days, and a month of investigation twice between them
    ),
    Statute(
        "ENV-17-notice", "2017", duties.TELL_OF_NON_PROSECUTION,
        "不起诉后书面告知行政机关", "Tell the agency of the non-prosecution",
        calendar_days(3), _ENVIRONMENT, Mark.REPORTED, _ENVIRONMENT_2017, fields=_ENVIRONMENTAL,
    ),
    Statute(
        "G24-a", "2024", duties.MOVE_TO_REVERSE,
        "不起诉案件移送行政检察部门", "Move the case to the administrative department",
        working_days(3), _GUIDE, Mark.REPORTED, _GUIDE_2024,
    ),
    Statute(
        "SPP21-08", "2021", duties.ISSUE_OPINION_WITH_DECISION,
        "不起诉后提出检察意见", "Opinion with the non-prosecution",
        calendar_days(3), f"{_LINKAGE}第8条", Mark.MEMORY, _LINKAGE_2021, profile="spp21-08",
    ),
    Statute(
        "G24-12", "2024", duties.REVIEW_REVERSE,
        "反向衔接审查", "Review for reverse linkage",
        working_days(10), f"{_GUIDE}第12条、第13条", Mark.VERIFIED, _GUIDE_2024,
    ),
    Statute(
        "SPP21-09", "2021-kept", duties.REPLY_TO_OPINION,
        "书面回复检察意见", "Reply to the opinion",
        months(2), f"{_LINKAGE}第9条", Mark.REPORTED, _GUIDE_2024, profile="spp21-09", by_letter=True,
        breach=_FOLLOWED_UP, escalate_to=_UP_AND_JUSTICE, announces=_UNANSWERED,
    ),
    Statute(
        "G24-reply-90", "2024", duties.REPLY_TO_OPINION,
        "书面回复检察意见", "Reply to the opinion",
        calendar_days(90), _GUIDE, Mark.REPORTED, _GUIDE_2024, by_letter=True,
        breach=_FOLLOWED_UP, escalate_to=_UP_AND_JUSTICE, announces=_UNANSWERED,
    ),
    Statute(
        "SPP21-09", "2021", duties.REPLY_TO_OPINION,
        "书面回复检察意见", "Reply to the opinion",
        months(2), f"{_LINKAGE}第9条", Mark.REPORTED, _LINKAGE_2021, _GUIDE_2024, by_letter=True,
        breach=_FOLLOWED_UP, escalate_to=_UP_AND_JUSTICE, announces=_UNANSWERED,
    ),
    Statute(
        "LETTER-reply", "1", duties.REPLY_TO_OPINION,
        "按检察意见载明的期限回复", "Reply as the letter says",
        None, _IN_LETTER, Mark.DERIVED, _2001, _LINKAGE_2021, by_letter=True,
        escalate_to=_UP_AND_JUSTICE, announces=_UNANSWERED,
    ),
    Statute(
        "SUG-19", "2019", duties.REPLY_TO_FOLLOW_UP,
        "落实并回复检察建议", "Act on the suggestion and reply",
        months(2), f"{_SUGGESTION}第19条", Mark.REPORTED, _SUGGESTION_2019, by_letter=True,
        only=(("kind", ("suggestion",)),), breach=_REPORTED_UP, escalate_to=_UP_AND_JUSTICE,
    ),
    Statute(
        "LETTER-follow-up", "1", duties.REPLY_TO_FOLLOW_UP,
        "按跟进监督文书载明的期限回复", "Answer the follow-up as it says",
        None, _IN_LETTER, Mark.DERIVED, _2001, by_letter=True, escalate_to=_UP_AND_JUSTICE,
    ),
    # Public-interest litigation.
    Statute(
        "PIL-21", "2018-urgent", duties.REPLY_TO_SUGGESTION,
        "紧急情形书面回复", "Reply to the suggestion, urgent",
        calendar_days(15), f"{_PIL}第21条第2款", Mark.VERIFIED, _PIL_2018, only=(("urgent", (True,)),), by_letter=True,
        breach=_SUED, escalate_to=_UP_AND_JUSTICE,
    ),
    Statute(
        "PIL-21", "2018", duties.REPLY_TO_SUGGESTION,
        "依法履职并书面回复", "Perform and reply to the suggestion",
        months(2), f"{_PIL}第21条第2款", Mark.VERIFIED, _PIL_2018, by_letter=True,
        breach=_SUED, escalate_to=_UP_AND_JUSTICE,
    ),
    Statute(
        "LETTER-suggestion", "1", duties.REPLY_TO_SUGGESTION,
        "按检察建议载明的期限回复", "Reply as the suggestion says",
        None, _IN_LETTER, Mark.DERIVED, _2001, _PIL_2018, by_letter=True, escalate_to=_UP_AND_JUSTICE,
    ),
    Statute(
        "PIL-13", "2018", duties.WAIT_FOR_PLAINTIFFS,
        "民事公益诉讼诉前公告期", "Announcement before a civil suit",
        calendar_days(30), f"{_PIL}第13条、第20条", Mark.VERIFIED, _PIL_2018, kind=ClockKind.WAITING,
        also=("PIL-20",), breach="公告期未满即起诉 — the suit came too early",
    ),
    # Side tracks.
    Statute(
        "SPP21-13", "2021", duties.ANSWER_CONSULTATION,
        "答复书面咨询", "Answer a written consultation",
        calendar_days(7), f"{_LINKAGE}第13条", Mark.MEMORY, _LINKAGE_2021, profile="spp21-13",
    ),
    Statute(
        "T-returned", "1", duties.DEAL_WITH_RETURNED,
        "处理移送行政处理的案件", "Take up a returned case",
        working_days(10), f"{_TARGET}：{_ORDER_2020}第13条“及时”", Mark.DERIVED, _2001, office=True,
    ),
    Statute(
        "T-mirror", "1", duties.HANDLE_MIRROR,
        "受理或退回抄送的意见", "Take up or dismiss a mirrored opinion",
        working_days(5), _TARGET, Mark.DERIVED, _2001, office=True, watched=True,
    ),
    Statute(
        "T-obstacle", "1", duties.CLEAR_OBSTACLE,
        "消除移送障碍", "Clear an obstacle to transfer",
        working_days(10), _TARGET, Mark.DERIVED, _2001, office=True,
    ),
)  # fmt: skip

BY_KEY: dict[tuple[str, str], Statute] = {row.key: row for row in STATUTES}
"""Every row by (code, version), as a clock names it."""
