"""The conditions that routing rows name, each with its words for the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from consumers.transfers.history import stands_above
from consumers.transfers.scene import DEMANDS_TO_TRANSFER, Scene
from schemas.offences import find
from schemas.units import PROCURATORATE


@dataclass(frozen=True, slots=True)
class When:
    """A condition on one event in its case. Pure."""

    zh: str
    en: str
    holds: Callable[[Scene], bool]


def in_field(zh: str, *fields: str) -> When:
    """The case belongs to one of these fields (领域)."""
    return When(f"领域：{zh}", f"field: {', '.join(fields)}", lambda scene: _field(scene) in fields)


def says(zh: str, field: str, *values: object) -> When:
    """The payload's `field` is one of `values`."""
    words = f"{field}: {', '.join(map(str, values))}"
    return When(zh, words, lambda scene: scene.data.get(field) in values)


def _field(scene: Scene) -> str:
    return scene.case.field or scene.event.envelope.field


# Not `lead.threshold_matched`: a comparison by the bus is advice and must not send anything to the police.
_SUSPICIONS = DEMANDS_TO_TRANSFER | {"transfer.suspected"}
_SUPERVISION = frozenset({"SUPERVISION", "REASONS_ASKED", "REASONS_HOLD", "FILE_ORDERED"})
_SUITS = frozenset({"pil.filed", "pil.suit_filed", "pil.announced"})


def _crime_suspected(scene: Scene) -> bool:
    return bool(scene.data.get("crime_suspected")) or any(True for _ in scene.standing(_SUSPICIONS))


_offence = lru_cache(maxsize=1024)(find)


def _public_interest(scene: Scene) -> bool:
    offence = _offence(scene.data.get("offence") or scene.case.offence)
    return offence is not None and offence.public_interest is not None


def _elsewhere(scene: Scene) -> bool:
    """The addressee belongs to another district than the speaker."""
    speaker, addressee = scene.unit(scene.speaker), scene.unit(scene.addressee)
    return speaker is not None and addressee is not None and speaker.district != addressee.district


def _higher(scene: Scene) -> bool:
    """The addressee stands above an organ of the speaker's district: it belongs to a higher level."""
    speaker, addressee = scene.unit(scene.speaker), scene.addressee
    if speaker is None or addressee is None or not _elsewhere(scene):
        return False
    return any(
        unit.district == speaker.district and stands_above(addressee, unit.code, scene.register)
        for unit in scene.register.units
    )


def _to_a_department(scene: Scene) -> bool:
    unit = scene.unit(scene.addressee)
    return unit is not None and not unit.roles.isdisjoint(PROCURATORATE)


def _opinion_stands(scene: Scene) -> bool:
    return (scene.data.get("opinion_source"), scene.data.get("opinion_id")) not in scene.case.voided


CRIME_SUSPECTED = When("涉嫌犯罪", "a crime is suspected", _crime_suspected)
IN_SUPERVISION = When("立案监督中", "under filing supervision", lambda s: s.case.state in _SUPERVISION)
PIL_CASE = When(
    "已有公益诉讼", "a public-interest case exists", lambda s: any(True for _ in s.standing(_SUITS))
)
PUBLIC_INTEREST = When("罪名多涉公益", "an offence likely to concern the public interest", _public_interest)
HIGHER_LEVEL = When("对方属上级机关", "the addressee belongs to a higher level", _higher)
OTHER_PLACE = When(
    "对方在异地", "the addressee belongs to another place", lambda s: _elsewhere(s) and not _higher(s)
)
OFF_THE_BUS = When(
    "收件单位不在单位名册中",
    "the addressee is not in the register",
    lambda s: s.addressee is not None and s.unit(s.addressee) is None,
)
TO_A_DEPARTMENT = When(
    "线索移送检察机关内设部门", "the lead is passed on to a department of the procuratorate", _to_a_department
)
OPINION_STANDS = When("检察意见未作废", "the opinion has not been voided", _opinion_stands)
NOT_IN_COURT = says("非庭审", "kind", "procuratorial", "administrative", "joint_meeting")
IN_COURT = says("庭审", "kind", "court")
JOINT_MEETING = says("联席会商", "kind", "joint_meeting")
OVER_CUSTODY = says("涉案物品保管", "kind", "custody")
EXEMPTED = says("免予刑事处罚", "result", "exempted")
ENVIRONMENT = in_field("生态环境", "environment", "water")
WORK_SAFETY = in_field("安全生产", "work_safety")
