"""Whom a routing row can name, and how that name becomes units of the register."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from consumers.transfers.scene import DEMANDS_TO_TRANSFER, LETTERS_TO_ANSWER, Scene
from schemas.units import PROCURATORATE, Role

Units = tuple[str, ...]
_ASSIGNING = frozenset({"obstacle.assigned"})


class To(StrEnum):
    """A recipient as the law names it; the value is its code on the page."""

    ADDRESSEE = "addressee"
    AGENCY = "AG"
    POLICE = "PSB"
    LOCAL_POLICE = "PSB of the same level"
    CRIMINAL = "PC"
    ADMINISTRATIVE = "PA"
    PUBLIC_INTEREST = "PI"
    CASE_MANAGEMENT = "CM"
    JUSTICE = "JU"
    SUPERVISION = "SV"
    COURT = "CT"
    SUPERIOR_OF_ADDRESSEE = "superior of the addressee"
    SUPERIOR_OF_SPEAKER = "superior of the speaker"
    PC_OF_ADDRESSEE = "PC beside the addressee"
    PA_OF_ADDRESSEE = "PA beside the addressee"
    PI_OF_ADDRESSEE = "PI beside the addressee"
    ASKERS_TO_TRANSFER = "who asked for the transfer"
    ASKERS = "who wrote the letter"
    ASKED = "whom the letter went to"
    REQUESTERS = "who asked for the intervention"
    OPINERS = "who gave the intervention opinion"
    REPORTERS = "who reported the obstacle"
    ASSIGNEES = "whom the obstacle was assigned to"
    PARTICIPANTS = "units named as taking part"
    HOLDER = "duty holder"
    COPIES = "departments of the mirror table"
    OPINION_SPEAKER = "who issued the opinion"
    REGARDING_SPEAKER = "who issued the opinion referred to"
    DUTY_HEARERS = "who had a duty from the event referred to"
    HEARERS = "who received the event referred to"


TO_ZH: dict[To, str] = {
    To.ADDRESSEE: "受文单位",
    To.AGENCY: "行政执法机关",
    To.POLICE: "公安机关",
    To.LOCAL_POLICE: "同级公安机关",
    To.CRIMINAL: "刑事检察",
    To.ADMINISTRATIVE: "行政检察",
    To.PUBLIC_INTEREST: "公益诉讼检察",
    To.CASE_MANAGEMENT: "案管",
    To.JUSTICE: "司法行政机关",
    To.SUPERVISION: "监察机关",
    To.COURT: "人民法院",
    To.SUPERIOR_OF_ADDRESSEE: "受文单位的上级",
    To.SUPERIOR_OF_SPEAKER: "发出单位的上级",
    To.PC_OF_ADDRESSEE: "受文单位同级刑事检察",
    To.PA_OF_ADDRESSEE: "受文单位同级行政检察",
    To.PI_OF_ADDRESSEE: "受文单位同级公益诉讼检察",
    To.ASKERS_TO_TRANSFER: "督促移送的部门",
    To.ASKERS: "制发文书的部门",
    To.ASKED: "文书的受文单位",
    To.REQUESTERS: "商请介入的单位",
    To.OPINERS: "提出介入意见的部门",
    To.REPORTERS: "反映障碍的单位",
    To.ASSIGNEES: "障碍线索承办单位",
    To.PARTICIPANTS: "参加单位",
    To.HOLDER: "责任单位",
    To.COPIES: "同步抄送表所列部门",
    To.OPINION_SPEAKER: "制发意见的部门",
    To.REGARDING_SPEAKER: "所指意见的制发部门",
    To.DUTY_HEARERS: "负有办理义务的原接收单位",
    To.HEARERS: "其他原接收单位",
}
"""Each recipient in Chinese."""


def _one(code: str | None) -> Units:
    return () if code is None else (code,)


def _role(role: Role) -> Callable[[Scene], Units]:
    return lambda scene: _one(scene.roles.get(role))


def _department(role: Role) -> Callable[[Scene], Units]:
    return lambda scene: _one(scene.department(role))


def _beside_addressee(role: Role) -> Callable[[Scene], Units]:
    def resolve(scene: Scene) -> Units:
        unit = scene.unit(scene.addressee)
        return () if unit is None else _one(scene.register.acting(unit.district, role))

    return resolve


def _local_police(scene: Scene) -> Units:
    known = scene.roles.get(Role.POLICE)
    return _one(known or scene.register.acting(scene.place_of_enforcement(), Role.POLICE))


def _justice(scene: Scene) -> Units:
    return _one(scene.register.acting(scene.place_of_enforcement(), Role.JUSTICE))


def _supervision(scene: Scene) -> Units:
    """Restricted content: an addressee that is no supervision organ does not get it."""
    named = scene.addressee
    if named is None:
        return _one(scene.register.acting(scene.case.district, Role.SUPERVISION))
    return (named,) if scene.register.has_role(named, Role.SUPERVISION) else ()


def _superior(code: Callable[[Scene], str | None]) -> Callable[[Scene], Units]:
    def resolve(scene: Scene) -> Units:
        unit = scene.unit(code(scene))
        return () if unit is None else _one(unit.superior)

    return resolve


def _asked(scene: Scene) -> Units:
    letter = scene.data.get("letter_no")
    return tuple(
        e.data["addressee"]
        for e in scene.standing(LETTERS_TO_ANSWER)
        if e.envelope.source == scene.speaker
        and letter in (None, e.data.get("letter_no"))
        and e.data.get("addressee")
    )


def _speakers_of(type_: str, matching: str | None = None) -> Callable[[Scene], Units]:
    types = frozenset({type_})

    def resolve(scene: Scene) -> Units:
        return tuple(
            e.envelope.source
            for e in scene.standing(types)
            if matching is None or e.data.get(matching) == scene.data.get(matching)
        )

    return resolve


def _assignees(scene: Scene) -> Units:
    return tuple(
        e.data["addressee"]
        for e in scene.standing(_ASSIGNING)
        if e.data["obstacle_no"] == scene.data.get("obstacle_no")
    )


def _participants(scene: Scene) -> Units:
    return tuple(code for code in scene.data.get("participants") or () if code in scene.register.by_code)


def _own_department(field: str) -> Callable[[Scene], Units]:
    """The unit that `field` names if it is a department: what mirrors say stays inside the procuratorate."""

    def resolve(scene: Scene) -> Units:
        unit = scene.unit(scene.data.get(field))
        return () if unit is None or unit.roles.isdisjoint(PROCURATORATE) else (unit.code,)

    return resolve


RESOLVE: dict[To, Callable[[Scene], Units]] = {
    To.ADDRESSEE: lambda scene: _one(scene.addressee),
    To.AGENCY: _role(Role.AGENCY),
    To.POLICE: _role(Role.POLICE),
    To.LOCAL_POLICE: _local_police,
    To.CRIMINAL: _department(Role.CRIMINAL),
    To.ADMINISTRATIVE: _department(Role.ADMINISTRATIVE),
    To.PUBLIC_INTEREST: _department(Role.PUBLIC_INTEREST),
    To.CASE_MANAGEMENT: _department(Role.CASE_MANAGEMENT),
    To.JUSTICE: _justice,
    To.SUPERVISION: _supervision,
    To.COURT: _department(Role.COURT),
    To.SUPERIOR_OF_ADDRESSEE: _superior(lambda scene: scene.addressee),
    To.SUPERIOR_OF_SPEAKER: _superior(lambda scene: scene.speaker),
    To.PC_OF_ADDRESSEE: _beside_addressee(Role.CRIMINAL),
    To.PA_OF_ADDRESSEE: _beside_addressee(Role.ADMINISTRATIVE),
    To.PI_OF_ADDRESSEE: _beside_addressee(Role.PUBLIC_INTEREST),
    To.ASKERS_TO_TRANSFER: lambda scene: scene.askers(DEMANDS_TO_TRANSFER),
    To.ASKERS: lambda scene: scene.askers(LETTERS_TO_ANSWER),
    To.ASKED: _asked,
    To.REQUESTERS: _speakers_of("intervention.requested"),
    To.OPINERS: _speakers_of("intervention.opined"),
    To.REPORTERS: _speakers_of("obstacle.reported", matching="obstacle_no"),
    To.ASSIGNEES: _assignees,
    To.PARTICIPANTS: _participants,
    To.HOLDER: lambda scene: _one(scene.data.get("holder")),
    To.COPIES: lambda scene: tuple(copy["unit"] for copy in scene.data.get("copies") or ()),
    To.OPINION_SPEAKER: _own_department("opinion_source"),
    To.REGARDING_SPEAKER: _own_department("regarding_source"),
}
"""How each recipient is found. The hearers of an earlier event are the rows of that event, see `rules`."""
