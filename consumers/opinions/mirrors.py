"""Which events are mirrored to which departments, and why: 检察意见同步抄送 as one table.

Three kinds of row:

- *Opinions.* What a department of the procuratorate writes to an outside organ as its opinion (检察意见) goes
  at once to the civil, administrative and public-interest departments; if the administrative department
  wrote it, also to the criminal department, where the case comes from.
- *Clues.* Some events are no opinion, but the first sign that another department has work here: internal
  rules ask for such clues to be passed on (内部移送法律监督线索), and some offices keep lists of offences that
  are likely to hold a public-interest clue. A clue goes only to a department that has had no mirror of this
  case and has not spoken in it.

Not mirrored, and why:

- `reverse.followed_up`, also as a suggestion (检察建议): the same matter between the same organs; the
  departments hold the opinion already.
- `supervision.urged`: a reminder of a letter they have seen.
- `pil.*`: the public-interest department's own work; the routing copies it to the criminal department.

A mirror is work to accept or dismiss. It never blocks the case and never moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from consumers.casefile import Case, CaseEvent
from consumers.sources import COPIED_AT_ONCE, INTERNAL_CLUES, Mark, Source, agreed
from schemas.offences import find
from schemas.units import Role


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a department should look, in both languages."""

    zh: str
    en: str

    @property
    def text(self) -> str:
        """The reason as it travels in a mirror."""
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True, slots=True, eq=False)
class MirrorRow:
    """`events` are mirrored to the departments in `to`, each with its reason.

    `clue`: only to departments new to the case. `first_of`: only if none of these types stands in the case
    before it, because it is one letter of a line about the same matter. `spoken_by`: only if the speaker has
    one of these roles. `addressed`: only to the department that it is addressed to. `when`: only if it holds.
    """

    events: tuple[str, ...]
    to: Mapping[Role, Reason]
    basis: Source
    clue: bool = False
    first_of: tuple[str, ...] = ()
    spoken_by: frozenset[Role] = frozenset()
    addressed: bool = False
    when: Callable[[Case, CaseEvent], bool] | None = None


_LETTER = agreed(
    "比照检察意见同步抄送：立案监督文书同样载明检察机关的意见",
    "as for opinions, for letters of filing supervision: they too state the procuratorate's view",
)
_CLUE = INTERNAL_CLUES.at(
    mark=Mark.REPORTED,
    zh="线索移送有关部门；参照易涉公益诉讼线索的罪名清单",
    en="clues are passed on to the department concerned; and lists of offences with public-interest clues",
)

PUBLIC_INTEREST_FIELDS: Mapping[str, Reason] = {
    "environment": Reason("生态环境公益诉讼线索", "harm to the environment: public-interest clue"),
    "water": Reason("水资源和水环境公益诉讼线索", "harm to waters: public-interest clue"),
    "land": Reason("土地资源公益诉讼线索", "harm to land: restoration"),
    "mining": Reason("矿产资源公益诉讼线索", "harm to mineral resources: restoration"),
    "wildlife": Reason("野生动植物资源公益诉讼线索", "harm to wildlife: public-interest clue"),
    "fishery": Reason("渔业资源公益诉讼线索", "harm to fish stocks: stock release"),
    "food": Reason("食品安全公益诉讼线索", "food safety: public-interest clue"),
    "drug": Reason("药品安全公益诉讼线索", "drug safety: public-interest clue"),
    "work_safety": Reason("安全生产公益诉讼线索", "work safety: public-interest clue"),
    "tax": Reason("国有财产保护线索", "loss of state revenue"),
}
"""Fields (领域) in which the procuratorate may sue: 民事诉讼法 art. 58, 行政诉讼法 art. 25(4), 安全生产法 art. 74."""

CIVIL_FIELDS: Mapping[str, Reason] = {
    "labour": Reason("劳动报酬：可支持起诉", "wages: support of civil claims possible"),
    "ip": Reason("权利人可主张民事赔偿", "right holders may claim damages"),
    "food": Reason("消费者可主张赔偿", "consumers may claim damages"),
    "drug": Reason("消费者可主张赔偿", "consumers may claim damages"),
    "product_quality": Reason("消费者可主张赔偿", "consumers may claim damages"),
    "agriculture": Reason("农户可主张赔偿", "farmers may claim damages"),
    "work_safety": Reason("伤亡者及亲属可主张赔偿", "the injured and their families may claim damages"),
}
"""Fields in which persons harmed are likely to have claims that the civil department may support."""

_ORIGIN = Reason("案件来源部门", "origin: the case came from the criminal department")
_CIVIL = Reason("民事支持起诉线索由部门判断", "support of civil claims: for the department to judge")
_INTEREST = Reason("公益诉讼线索由部门判断", "public-interest clue: for the department to judge")
_NOT_TRANSFERRED = Reason("行政机关应移送未移送", "the agency had not transferred")
_FOLLOWS = Reason("行政检察跟踪回复和处罚", "follows the reply and the penalty")
_NOT_FILED = Reason("不立案后的行政处理", "what the agency does if no criminal case is filed")
_CRIME = Reason("线索可能涉嫌犯罪", "the lead may concern a crime")
_SUPERVISION_LEAD = Reason(
    "行政违法行为监督线索由部门判断", "unlawful administration: for the department to judge"
)
_PASSED_ON = INTERNAL_CLUES.at(
    mark=Mark.REPORTED,
    zh="移送有关部门的线索，由其审查决定是否受理并反馈",
    en="a lead passed on to a department is received, decided on and answered",
)
_DEPARTMENTS = frozenset({Role.PUBLIC_INTEREST, Role.CIVIL, Role.ADMINISTRATIVE})
_SUPERVISION = ("supervision.reasons_requested", "supervision.file_ordered", "supervision.corrected")
_INTERVENTION = ("intervention.requested", "intervention.opined")


_offence = lru_cache(maxsize=1024)(find)


def public_interest(case: Case, event: CaseEvent) -> bool:
    """Whether the offence or the field makes a public-interest clue likely."""
    offence = _offence(event.data.get("offence") or case.offence)
    if offence is not None:
        return offence.public_interest is not None
    return case.field in PUBLIC_INTEREST_FIELDS


MIRRORS: tuple[MirrorRow, ...] = (
    MirrorRow(
        ("opinion.to_transfer_issued",),
        {Role.CIVIL: _CIVIL, Role.ADMINISTRATIVE: _NOT_TRANSFERRED, Role.PUBLIC_INTEREST: _INTEREST},
        COPIED_AT_ONCE,
    ),
    MirrorRow(
        ("reverse.opinion_issued",),
        {
            Role.CIVIL: _CIVIL,
            Role.ADMINISTRATIVE: _FOLLOWS,
            Role.PUBLIC_INTEREST: _INTEREST,
            Role.CRIMINAL: _ORIGIN,
        },
        COPIED_AT_ONCE,
    ),
    MirrorRow(
        _SUPERVISION,
        {Role.CIVIL: _CIVIL, Role.ADMINISTRATIVE: _NOT_FILED, Role.PUBLIC_INTEREST: _INTEREST},
        _LETTER,
        first_of=_SUPERVISION,
    ),
    MirrorRow(("accident.occurred",), {Role.PUBLIC_INTEREST: _INTEREST}, _CLUE, clue=True),
    MirrorRow(_INTERVENTION, {Role.PUBLIC_INTEREST: _INTEREST}, _CLUE, clue=True, when=public_interest),
    MirrorRow(
        ("case.not_prosecuted",),
        {Role.PUBLIC_INTEREST: _INTEREST, Role.CIVIL: _CIVIL},
        _CLUE,
        clue=True,
        when=public_interest,
    ),
    MirrorRow(("lead.found",), {Role.CRIMINAL: _CRIME}, _CLUE, clue=True, spoken_by=_DEPARTMENTS),
    MirrorRow(
        ("lead.found",),
        {Role.PUBLIC_INTEREST: _INTEREST, Role.CIVIL: _CIVIL, Role.ADMINISTRATIVE: _SUPERVISION_LEAD},
        _PASSED_ON,
        addressed=True,
    ),
)


def reason(row: MirrorRow, role: Role, case: Case, event: CaseEvent) -> Reason:
    """Why `role` gets this mirror: the offence or field of the case where it says more than the row."""
    default = row.to[role]
    if role is Role.CIVIL:
        return CIVIL_FIELDS.get(case.field, default)
    if role is Role.PUBLIC_INTEREST:
        offence = _offence(event.data.get("offence") or case.offence)
        if offence is not None and offence.public_interest is not None:
            return Reason(f"{offence.zh}：公益诉讼线索", offence.public_interest)
        return PUBLIC_INTEREST_FIELDS.get(case.field, default)
    return default
