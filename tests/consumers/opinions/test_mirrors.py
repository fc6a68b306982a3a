"""Mirrors: each opinion once to each department, never to who wrote it, and work that never holds up the case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.casefile import Mirror, MirrorState
from consumers.casework.fold import Folded
from consumers.decisions import Delivery, Emit, MirrorSet
from consumers.opinions.mirrors import CIVIL_FIELDS, MIRRORS, PUBLIC_INTEREST_FIELDS, MirrorRow
from schemas.catalogue import BY_NAME
from schemas.codec import decode, encode
from schemas.identity import derived_id
from schemas.units import Register, Role
from tests.consumers.casework.story import REGISTER, Story, copies, details, flags, received

PC, PA, PV, PI = "by-criminal", "by-admin", "by-civil", "by-pil"


def emitted(folded: Folded) -> list[Emit]:
    return [d for d in folded.decisions if isinstance(d, Emit) and d.type == "mirror.copied"]


def mirrored(folded: Folded) -> set[str]:
    return {unit for emit in emitted(folded) for unit in copies(emit)}


def opinion(speaker: str = PC, **how: Any) -> tuple[Story, Folded]:
    story = Story(**how)
    story.say(story.origin, "admin_case.filed")
    type_ = "reverse.opinion_issued" if speaker == PA else "opinion.to_transfer_issued"
    return story, story.say(speaker, type_, addressee=story.origin, letter_no="L1", id="op")


@pytest.mark.parametrize(
    ("speaker", "type_", "departments"),
    [
        (PC, "opinion.to_transfer_issued", {PV, PA, PI}),
        (PI, "opinion.to_transfer_issued", {PV, PA}),
        (PA, "reverse.opinion_issued", {PC, PV, PI}),
        (PC, "reverse.opinion_issued", {PV, PA, PI}),
        (PC, "supervision.reasons_requested", {PV, PA, PI}),
        (PC, "supervision.file_ordered", {PV, PA, PI}),
        (PC, "supervision.corrected", {PV, PA, PI}),
        (PC, "supervision.urged", set()),
        (PA, "reverse.followed_up", set()),
        (PC, "supervision.concluded", set()),
    ],
)
def test_an_opinion_goes_to_the_other_departments(speaker: str, type_: str, departments: set[str]) -> None:
    story = Story(field="tobacco")
    story.say("by-env", "admin_case.filed")
    folded = story.say(speaker, type_, addressee="by-env", letter_no="L", kind="suggestion")
    assert mirrored(folded) == departments


def test_it_is_said_once_with_everything_the_departments_need() -> None:
    _, folded = opinion()
    (emit,) = emitted(folded)
    assert emit.id == str(derived_id("by-criminal/op", "mirror", ""))
    assert {key: emit.data[key] for key in ("opinion_source", "opinion_id", "opinion_type", "letter_no")} == {
        "opinion_source": PC,
        "opinion_id": "op",
        "opinion_type": "opinion.to_transfer_issued",
        "letter_no": "L1",
    }
    assert emit.data["opinion_value"] == b""
    for unit, copy in copies(emit).items():
        assert copy["mirror_id"] == str(derived_id("by-criminal/op", "mirror", unit))
        assert " / " in copy["why"]
        assert copy["basis"] == "白云区行刑衔接工作做法：检察意见同步抄送有关检察部门 [V]"


def test_it_fits_its_schema() -> None:
    (emit,) = emitted(opinion()[1])
    assert decode(encode(emit.type, dict(emit.data))).data["copies"] == emit.data["copies"]


def test_a_unit_with_two_roles_gets_one_mirror_and_a_combined_department_none_of_its_own() -> None:
    story = Story(origin="hd-market", field="food")
    story.say("hd-market", "admin_case.filed")
    folded = story.say("hd-criminal", "opinion.to_transfer_issued", addressee="hd-market")
    assert mirrored(folded) == {"hd-admin", "hd-civil-pil"}
    assert len(emitted(folded)[0].data["copies"]) == 2
    own = story.say("hd-civil-pil", "opinion.to_transfer_issued", addressee="hd-market")
    assert mirrored(own) == {"hd-admin"}


def test_departments_are_those_of_the_speakers_own_procuratorate() -> None:
    story = Story()
    story.say("by-env", "transfer.sent", addressee="by-police")
    story.say("by-police", "transfer.forwarded", addressee="hd-police")
    folded = story.say("hd-criminal", "supervision.reasons_requested")
    assert mirrored(folded) == {"hd-admin", "hd-civil-pil"}


def test_a_clue_goes_to_the_procuratorate_that_handles_the_case() -> None:
    story = Story()
    story.say("by-env", "transfer.sent", addressee="by-police")
    story.say("by-police", "transfer.forwarded", addressee="hd-police")
    story.say("hd-criminal", "case.arrest_approved")
    folded = story.say("hd-police", "intervention.requested", addressee="hd-criminal")
    assert mirrored(folded) == {"hd-civil-pil"}


def test_without_other_departments_there_is_nothing_to_mirror() -> None:
    alone = Register(tuple(u for u in REGISTER.units if u.code in {"by-env", "gz-env", PC}))
    assert emitted(opinion(register=alone)[1]) == []


def test_later_letters_of_one_line_of_supervision_are_not_mirrored_again() -> None:
    story = Story()
    story.say("by-env", "transfer.sent", addressee="by-police")
    assert mirrored(story.say(PC, "supervision.reasons_requested"))
    assert not mirrored(story.say(PC, "supervision.file_ordered"))
    assert not mirrored(story.say(PC, "supervision.corrected"))


# --- clues ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "type_", "field", "departments"),
    [
        ("by-emergency", "accident.occurred", "work_safety", {PI}),
        ("by-env", "intervention.requested", "environment", {PI}),
        (PC, "intervention.opined", "environment", {PI}),
        ("by-env", "intervention.requested", "tobacco", set()),
        (PC, "case.not_prosecuted", "wildlife", {PI, PV}),
        (PC, "case.not_prosecuted", "ip", set()),
        (PI, "lead.found", "food", {PC}),
        (PA, "lead.found", "food", {PC}),
        (PC, "lead.found", "food", set()),
        ("by-env", "lead.found", "food", set()),
    ],
)
def test_the_first_sign_of_their_work_is_a_clue(
    unit: str, type_: str, field: str, departments: set[str]
) -> None:
    story = Story(origin=unit, field=field)
    assert mirrored(story.say(unit, type_, addressee=None)) == departments


@pytest.mark.parametrize(
    ("unit", "addressee", "departments"),
    [
        ("by-police", PI, {PI}),
        ("by-env", PV, {PV}),
        (PC, PA, {PA}),
        (PC, PI, {PI}),
        (PI, PV, {PC, PV}),
        ("by-police", PC, set()),
        ("by-police", "by-env", set()),
        ("by-police", "hd-civil-pil", set()),
    ],
)
def test_a_lead_passed_on_to_a_department_is_work_that_it_accepts_or_dismisses(
    unit: str, addressee: str, departments: set[str]
) -> None:
    story = Story(origin=unit, field="food")
    assert mirrored(story.say(unit, "lead.found", addressee=addressee)) == departments


def test_each_lead_passed_on_to_a_department_is_answered_though_it_knows_the_case() -> None:
    story = Story(origin="by-police", field="food")
    story.say(PI, "pil.filed", case_no="1")
    first = story.say("by-police", "lead.found", addressee=PI, id="1")
    assert mirrored(first) == {PI}
    assert mirrored(story.say(PC, "lead.found", addressee=PI, id="2")) == {PI}


def test_the_offence_counts_before_the_field() -> None:
    story = Story(field="tobacco")
    story.say("by-env", "transfer.sent", addressee="by-police", offence="污染环境罪")
    assert mirrored(story.say("by-env", "intervention.requested", addressee=PC)) == {PI}


def test_a_clue_goes_only_to_a_department_new_to_the_case() -> None:
    story, _ = opinion()
    story.bus_says()
    assert not mirrored(story.say("by-env", "intervention.requested", addressee=PC))
    spoken = Story()
    spoken.say("by-env", "admin_case.filed")
    spoken.say(PI, "pil.filed")
    assert not mirrored(spoken.say("by-env", "intervention.requested", addressee=PC))


def test_an_opinion_takes_the_place_of_an_open_clue() -> None:
    """Nobody has two open items about the same matter."""
    story = Story()
    story.say("by-env", "transfer.sent", addressee="by-police")
    story.say("by-police", "case.sent_for_prosecution")
    story.say(PC, "case.not_prosecuted", id="drop")
    story.bus_says()
    story.say(PV, "mirror.dismissed", regarding_source=PC, regarding_id="drop", reason="no claim")
    story.say(PA, "reverse.opinion_issued", addressee="by-env", id="op")
    story.bus_says()
    states = {(m.opinion[1], m.unit): m.state for m in story.known.mirrors.values()}
    assert states == {
        ("drop", PI): MirrorState.WITHDRAWN,
        ("drop", PV): MirrorState.DISMISSED,
        ("op", PC): MirrorState.COPIED,
        ("op", PV): MirrorState.COPIED,
        ("op", PI): MirrorState.COPIED,
    }
    (replaced,) = (m for m in story.known.mirrors.values() if m.state is MirrorState.WITHDRAWN)
    assert replaced.reason == "已由 by-admin/op 代替 — by-admin/op took its place"


def test_what_departments_make_of_a_clue_stays_inside_the_procuratorate() -> None:
    """An agency that asks for intervention does not learn who looks at the case for which reason."""
    story = Story()
    story.say("by-env", "admin_case.filed")
    story.say("by-env", "intervention.requested", addressee=PC, id="ask")
    ((_, told),) = story.bus_says()
    assert set(received(told)) == {PI, "by-casemgmt"}
    folded = story.say(PI, "mirror.accepted", regarding_source="by-env", regarding_id="ask")
    assert set(received(folded)) == {PC, "by-casemgmt"}


# --- what becomes of a mirror -----------------------------------------------------------------------------


def copied() -> Story:
    story, _ = opinion()
    ((_, folded),) = story.bus_says()
    assert received(folded)[PI] is Delivery.MIRROR
    return story


def mirror_of(story: Story, unit: str) -> Mirror:
    (mirror,) = (m for m in story.known.mirrors.values() if m.unit == unit)
    return mirror


def test_the_mirrors_exist_once_the_bus_has_said_so() -> None:
    story, _ = opinion()
    assert story.known.mirrors == {}
    story.bus_says()
    mirrors = story.known.mirrors
    assert {m.unit for m in mirrors.values()} == {PV, PA, PI}
    assert all(m.opinion == (PC, "op") and m.state is MirrorState.COPIED for m in mirrors.values())
    assert all(key == m.id and isinstance(key, UUID) for key, m in mirrors.items())
    assert {m.copied_at for m in mirrors.values()} == {story.told[-1].recorded_at}


@pytest.mark.parametrize(
    ("type_", "state"),
    [("mirror.accepted", MirrorState.ACCEPTED), ("mirror.dismissed", MirrorState.DISMISSED)],
)
def test_a_department_takes_its_mirror_up_or_dismisses_it(type_: str, state: MirrorState) -> None:
    story = copied()
    folded = story.say(
        PI, type_, regarding_source=PC, regarding_id="op", reason="排污影响地下水", clue_no="公益1", id="d"
    )
    mirror = mirror_of(story, PI)
    assert (mirror.state, mirror.reason, mirror.clue_no, mirror.decided_by) == (
        state,
        "排污影响地下水",
        "公益1",
        (PI, "d"),
    )
    assert received(folded)[PC] is Delivery.RESULT
    assert mirror_of(story, PV).state is MirrorState.COPIED
    assert flags(folded) == []


@pytest.mark.parametrize("type_", ["mirror.accepted", "mirror.dismissed"])
def test_the_criminal_department_decides_on_the_mirror_of_an_administrative_opinion(type_: str) -> None:
    story, _ = opinion(PA)
    story.bus_says()
    folded = story.say(PC, type_, regarding_source=PA, regarding_id="op", reason="已阅")
    assert mirror_of(story, PC).decided_by is not None
    assert received(folded)[PA] is Delivery.RESULT
    assert flags(folded) == []


def test_a_mirror_is_decided_once() -> None:
    story = copied()
    story.say(PI, "mirror.accepted", regarding_source=PC, regarding_id="op")
    before = story.known.mirrors
    again = story.say(PI, "mirror.dismissed", regarding_source=PC, regarding_id="op", reason="r")
    assert flags(again) == ["mirror-decided"]
    assert details(again) == [
        "by-criminal/op 的同步抄送件已经受理 — the mirror of by-criminal/op is already accepted"
    ]
    assert story.known.mirrors == before


@pytest.mark.parametrize(
    ("unit", "regarding"),
    [(PC, (PC, "op")), (PI, (PC, "other")), (PI, (PA, "op"))],
    ids=["holds none", "no such opinion", "another speaker's"],
)
def test_an_unknown_mirror_is_flagged_and_changes_nothing(unit: str, regarding: tuple[str, str]) -> None:
    story = copied()
    before = story.known.mirrors
    folded = story.say(unit, "mirror.accepted", regarding_source=regarding[0], regarding_id=regarding[1])
    assert flags(folded) == ["unknown-mirror"]
    name = "/".join(regarding)
    assert details(folded) == [f"{unit} 没有 {name} 的同步抄送件 — {unit} holds no mirror of {name}"]
    assert story.known.mirrors == before


def test_mirrors_never_move_the_case() -> None:
    story = copied()
    state = story.known.state, story.known.reverse_state, dict(story.known.roles)
    story.say(PI, "mirror.accepted", regarding_source=PC, regarding_id="op")
    assert (story.known.state, story.known.reverse_state, dict(story.known.roles)) == state


def test_a_voided_opinion_takes_its_open_mirrors_with_it() -> None:
    story = copied()
    story.say(PA, "mirror.accepted", regarding_source=PC, regarding_id="op", clue_no="1")
    folded = story.say(PC, "case.voided", regarding_source=PC, regarding_id="op", reason="wrong case")
    assert mirror_of(story, PI).state is MirrorState.WITHDRAWN
    assert mirror_of(story, PA).state is MirrorState.ACCEPTED
    assert {PI, PA, PV} <= set(received(folded))
    assert flags(story.say(PI, "mirror.accepted", regarding_source=PC, regarding_id="op")) == [
        "mirror-decided"
    ]


def test_a_strangers_attempt_to_void_an_opinion_counts_neither_then_nor_later() -> None:
    story = copied()
    attempt = story.say("by-env", "case.voided", regarding_source=PC, regarding_id="op")
    assert flags(attempt) == ["foreign-correction"]
    story.say(PI, "mirror.accepted", regarding_source=PC, regarding_id="op")
    story.say(PC, "case.voided", regarding_source=PC, regarding_id="op")
    assert mirror_of(story, PI).state is MirrorState.ACCEPTED
    assert mirror_of(story, PV).state is MirrorState.WITHDRAWN


def test_an_opinion_voided_before_the_bus_spoke_opens_no_mirror() -> None:
    story, _ = opinion()
    story.say(PC, "case.voided", regarding_source=PC, regarding_id="op", reason="wrong case")
    [folded] = [folded for said, folded in story.bus_says() if said.type == "mirror.copied"]
    assert story.known.mirrors == {}
    assert received(folded) == {}


def test_a_voided_decision_reopens_the_mirror() -> None:
    story = copied()
    story.say(PI, "mirror.dismissed", regarding_source=PC, regarding_id="op", reason="mistake", id="d")
    folded = story.say(PI, "case.voided", regarding_source=PI, regarding_id="d", reason="mistake")
    assert [d.mirror.state for d in folded.decisions if isinstance(d, MirrorSet)] == [MirrorState.COPIED]
    assert mirror_of(story, PI) == mirror_of(copied(), PI)


def test_deciding_on_a_withdrawn_mirror_stays_without_effect_after_further_corrections() -> None:
    story = copied()
    story.say(PC, "case.voided", regarding_source=PC, regarding_id="op", reason="r")
    story.say(PI, "mirror.accepted", regarding_source=PC, regarding_id="op")
    story.say("by-env", "case.voided", regarding_source="by-env", regarding_id="e0", reason="r")
    assert mirror_of(story, PI).state is MirrorState.WITHDRAWN


@given(st.permutations([PV, PA, PI]), st.lists(st.sampled_from([PV, PA, PI]), max_size=4))
def test_the_order_of_decisions_does_not_matter_and_repeating_one_changes_nothing(
    order: list[str], again: list[str]
) -> None:
    story = copied()
    for number, unit in enumerate([*order, *again]):
        story.say(unit, "mirror.accepted", regarding_source=PC, regarding_id="op", id=f"d{number}")
    assert {m.unit: m.state for m in story.known.mirrors.values()} == dict.fromkeys(
        order, MirrorState.ACCEPTED
    )
    decided = {m.unit: m.decided_by for m in story.known.mirrors.values()}
    assert decided == {unit: (unit, f"d{number}") for number, unit in enumerate(order)}


# --- the table --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", sorted(CIVIL_FIELDS.keys() | PUBLIC_INTEREST_FIELDS.keys()))
def test_the_reason_speaks_of_the_field(field: str) -> None:
    story = Story(field=field)
    story.say("by-env", "admin_case.filed")
    (emit,) = emitted(story.say(PC, "opinion.to_transfer_issued", addressee="by-env"))
    if field in CIVIL_FIELDS:
        assert copies(emit)[PV]["why"] == CIVIL_FIELDS[field].text
    if field in PUBLIC_INTEREST_FIELDS:
        assert copies(emit)[PI]["why"] == PUBLIC_INTEREST_FIELDS[field].text


def test_the_offence_gives_the_reason_where_it_is_known() -> None:
    story = Story(field="tobacco")
    story.say("by-env", "transfer.suspected", offence="生产、销售伪劣产品罪")
    (emit,) = emitted(story.say(PC, "opinion.to_transfer_issued", addressee="by-env"))
    assert copies(emit)[PI]["why"].startswith("生产、销售伪劣产品罪：")


@pytest.mark.parametrize("row", MIRRORS, ids=lambda row: row.events[0])
def test_every_row_names_known_events_and_departments(row: MirrorRow) -> None:
    assert set(row.events) | set(row.first_of) <= BY_NAME.keys()
    assert set(row.to) <= {Role.CIVIL, Role.ADMINISTRATIVE, Role.PUBLIC_INTEREST, Role.CRIMINAL}
    assert all(reason.zh and reason.en for reason in row.to.values())


@pytest.mark.parametrize("type_", ["mirror.accepted", "mirror.dismissed"])
def test_every_department_that_gets_mirrors_may_say_what_it_makes_of_them(type_: str) -> None:
    assert {role for row in MIRRORS for role in row.to} == BY_NAME[type_].speakers
