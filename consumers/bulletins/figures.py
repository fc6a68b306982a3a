"""The figures of bulletins and statistics: one row says what a number counts, for whom, its names and its source."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from consumers.bulletins.figure import Figure, Per, Rate, Told, Whose
from consumers.casefile import ClockState
from consumers.sources import (
    BAIYUN,
    LINKAGE_2021,
    ORDER_310,
    PROCURATORATE_RULES,
    PUBLIC_INTEREST,
    REVERSE_GUIDE,
    TWO_WAY_2023,
    Mark,
    agreed,
)


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that stand together in one table of a bulletin."""

    code: str
    zh: str
    en: str


GROUPS: tuple[Group, ...] = (
    Group("forward", "正向移送与立案", "Transfers and filing"),
    Group("supervision", "立案监督", "Filing supervision"),
    Group("reverse", "反向移送", "Reverse transfers"),
    Group("opinions", "检察意见", "Procuratorial opinions"),
    Group("intervention", "提前介入", "Early intervention"),
    Group("obstacles", "移送障碍线索", "Obstacles to transfer"),
    Group("timeliness", "办理期限", "Timeliness"),
)

_o310, _rules = ORDER_310.at, PROCURATORATE_RULES.at
_OBSTACLE = BAIYUN.at(zh="移送障碍线索报送人民检察院", en="obstacle leads go to the procuratorate")
_SHARE = agreed("比率按同一单位、同一期间计算", "shares are of the same unit and period")
_DUE = agreed("按届满日统计法定期限", "limits of the law, by the day on which they fall due")
_EARLY = LINKAGE_2021.at(mark=Mark.REPORTED)


def _final(data: Mapping[str, Any]) -> bool:
    return not data["interim"]


def _adopted(data: Mapping[str, Any]) -> bool:
    return bool(data["adopted"])


def _not_adopted(data: Mapping[str, Any]) -> bool:
    return not data["adopted"]


_FINAL = Told(_final, "不含阶段性回复", "interim replies do not count")
_ADOPTED = Told(_adopted, "采纳的", "adopted")
_NOT_ADOPTED = Told(_not_adopted, "未采纳的", "not adopted")
_SENT = ("transfer.sent", "transfer.on_site_handed")
_OPINIONS = ("opinion.to_transfer_issued", "reverse.opinion_issued")
_ANSWERS = ("opinion.to_transfer_executed", "reverse.replied")

FIGURES: tuple[Figure, ...] = (
    Figure(
        "admin_filed", "forward", "行政立案", "Administrative cases filed", Per.CASE, Whose.SPEAKER,
        agreed("行政执法案件备案", "administrative cases put on record"), ("admin_case.filed",),
    ),
    Figure(
        "suspected", "forward", "发现涉嫌犯罪", "Crime suspected", Per.CASE, Whose.SPEAKER,
        _o310("3"), ("transfer.suspected",),
    ),
    Figure(
        "transferred", "forward", "移送公安机关", "Transferred to the police", Per.CASE, Whose.SPEAKER,
        _o310("5"), _SENT,
    ),
    Figure(
        "received", "forward", "公安机关接受", "Accepted by the police", Per.CASE, Whose.SPEAKER,
        _o310("7"), ("transfer.received",),
    ),
    Figure(
        "filed", "forward", "立案", "Filed", Per.CASE, Whose.SPEAKER, _o310("8"), ("filing.accepted",),
    ),
    Figure(
        "declined", "forward", "不予立案", "Filing declined", Per.CASE, Whose.SPEAKER,
        _o310("8"), ("filing.declined",),
    ),
    Figure(
        "own_filed", "forward", "所移送案件立案", "Own transfers filed", Per.CASE, Whose.SENDER,
        _o310("8"), ("filing.accepted",),
    ),
    Figure(
        "own_declined", "forward", "所移送案件不予立案", "Own transfers declined", Per.CASE, Whose.SENDER,
        _o310("8"), ("filing.declined",),
    ),
    Figure(
        "reconsideration", "supervision", "提请复议", "Reconsideration requested", Per.EVENT, Whose.SPEAKER,
        _o310("9"), ("reconsideration.requested",),
    ),
    Figure(
        "supervision_proposed", "supervision", "建议立案监督", "Supervision proposed", Per.EVENT,
        Whose.SPEAKER, _o310("9"), ("supervision.proposed",),
    ),
    Figure(
        "reasons_requested", "supervision", "要求说明不立案理由", "Reasons requested", Per.EVENT,
        Whose.SPEAKER, _rules("560"), ("supervision.reasons_requested",),
    ),
    Figure(
        "file_ordered", "supervision", "通知立案", "Filing ordered", Per.CASE, Whose.SPEAKER,
        _rules("563"), ("supervision.file_ordered",),
    ),
    Figure(
        "reverse_moved", "reverse", "反向衔接线索移送", "Moved to reverse linkage", Per.CASE, Whose.SPEAKER,
        REVERSE_GUIDE.at(), ("reverse.case_moved",),
    ),
    Figure(
        "reverse_registered", "reverse", "反向衔接受理", "Reverse linkage registered", Per.CASE,
        Whose.SPEAKER, REVERSE_GUIDE.at("12"), ("reverse.registered",),
    ),
    Figure(
        "returned", "reverse", "公安机关移送行政处理", "Returned for a penalty", Per.CASE, Whose.SPEAKER,
        _o310("13"), ("returned.to_agency",),
    ),
    Figure(
        "opinions_sent", "opinions", "制发检察意见", "Opinions sent", Per.EVENT, Whose.SPEAKER,
        TWO_WAY_2023.at(mark=Mark.REPORTED), _OPINIONS,
    ),
    Figure(
        "opinions_received", "opinions", "收到检察意见", "Opinions received", Per.EVENT, Whose.ADDRESSEE,
        TWO_WAY_2023.at(mark=Mark.REPORTED), _OPINIONS,
    ),
    Figure(
        "opinions_answered", "opinions", "回复检察意见", "Opinions answered", Per.EVENT, Whose.SPEAKER,
        TWO_WAY_2023.at(mark=Mark.REPORTED), _ANSWERS, _FINAL,
    ),
    Figure(
        "pil_suggested", "opinions", "公益诉讼诉前检察建议", "Pre-litigation suggestions", Per.EVENT,
        Whose.SPEAKER, PUBLIC_INTEREST.at("21"), ("pil.suggested",),
    ),
    Figure(
        "opined", "intervention", "提出介入意见", "Intervention opinions given", Per.EVENT, Whose.SPEAKER,
        _EARLY, ("intervention.opined",),
    ),
    Figure(
        "opined_adopted", "intervention", "介入意见被采纳", "Adopted", Per.EVENT, Whose.ADDRESSEE,
        _EARLY, ("intervention.adopted",), _ADOPTED,
    ),
    Figure(
        "opined_refused", "intervention", "介入意见未被采纳", "Not adopted", Per.EVENT, Whose.ADDRESSEE,
        _EARLY, ("intervention.adopted",), _NOT_ADOPTED,
    ),
    Figure(
        "obstacles_reported", "obstacles", "报送移送障碍线索", "Obstacle leads reported", Per.EVENT,
        Whose.SPEAKER, _OBSTACLE, ("obstacle.reported",),
    ),
    Figure(
        "obstacles_cleared", "obstacles", "消除移送障碍", "Obstacles cleared", Per.EVENT, Whose.SPEAKER,
        _OBSTACLE, ("obstacle.cleared",),
    ),
    Figure(
        "limits_met", "timeliness", "按期办结", "Done in time", Per.CLOCK, Whose.HOLDER, _DUE,
        state=ClockState.MET,
    ),
    Figure(
        "limits_late", "timeliness", "逾期办结", "Done late", Per.CLOCK, Whose.HOLDER, _DUE,
        state=ClockState.MET_LATE,
    ),
    Figure(
        "limits_missed", "timeliness", "逾期未办", "Overdue, not done", Per.CLOCK, Whose.HOLDER, _DUE,
        state=ClockState.BREACHED,
    ),
)  # fmt: skip

RATES: tuple[Rate, ...] = (
    Rate("filing_rate", "forward", "立案率", "Filing rate", "filed", ("filed", "declined"), _SHARE),
    Rate(
        "own_filing_rate", "forward", "所移送案件立案率", "Filing rate of own transfers", "own_filed",
        ("own_filed", "own_declined"), _SHARE,
    ),
    Rate(
        "answer_rate", "opinions", "检察意见回复率", "Answers per opinion received", "opinions_answered",
        ("opinions_received",), _SHARE,
    ),
    Rate(
        "adoption_rate", "intervention", "介入意见采纳率", "Adoption rate", "opined_adopted",
        ("opined_adopted", "opined_refused"), _SHARE,
    ),
    Rate(
        "timely_rate", "timeliness", "按期办结率", "In time", "limits_met",
        ("limits_met", "limits_late", "limits_missed"), _SHARE,
    ),
)  # fmt: skip

FIGURE_BY_CODE: Mapping[str, Figure] = MappingProxyType({row.code: row for row in FIGURES})
SENDING = frozenset(_SENT)
"""Events by which a case goes to the police: who said the last one before a decision is its sender."""
COUNTED_TYPES = frozenset(type_ for row in FIGURES for type_ in row.types) | SENDING
"""Every event type that some figure looks at."""


def definitions_digest() -> bytes:
    """SHA-256 over what each figure counts: changes whenever the same events would give other numbers."""
    rows = [
        (row.code, row.per, row.whose, row.types, row.state, "" if row.told is None else row.told.en)
        for row in FIGURES
    ]
    return hashlib.sha256(repr([tuple(map(str, row)) for row in rows]).encode()).digest()
