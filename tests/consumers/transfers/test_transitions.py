"""Both tracks: the paths of the law are in order, every other pair of state and event is flagged and harmless."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from consumers.casefile import Case
from consumers.transfers.history import TRACKED, step
from consumers.transfers.states import FORWARD_STATES, NO_STATE, REVERSE_STATES
from consumers.transfers.transitions import FORWARD, REVERSE
from schemas.units import Role
from tests.consumers.casework.story import REGISTER, Story, flags

FORWARD_TYPES = sorted({event for move in FORWARD for event in move.events})
REVERSE_TYPES = sorted({event for move in REVERSE for event in move.events})
RANK = {state.code: rank for rank, state in enumerate(FORWARD_STATES)}
REVERSE_RANK = {state.code: rank for rank, state in enumerate(REVERSE_STATES)}

# The forward track as paths: (event, state after it), each step in legal order.
TRANSFER = [("admin_case.filed", "ADMIN_FILED"), ("transfer.sent", "TRANSFERRED")]
RECEIVED = [*TRANSFER, ("transfer.received", "ACCEPTED")]
DECLINED = [*RECEIVED, ("filing.declined", "NOT_FILED")]
FILED = [*RECEIVED, ("filing.accepted", "FILED")]
CHARGED = [*FILED, ("case.sent_for_prosecution", "SENT_FOR_PROSECUTION")]
PATHS = {
    "inside the agency": [
        ("lead.found", "LEAD"),
        ("admin_case.filed", "ADMIN_FILED"),
        ("transfer.suspected", "SUSPECTED_CRIME"),
        ("transfer.task_group_formed", "TASK_GROUP"),
        ("transfer.reported", "PENDING_HEAD"),
        ("transfer.approved", "APPROVED"),
        ("transfer.sent", "TRANSFERRED"),
    ],
    "refused, urged, sent": [
        ("transfer.reported", "PENDING_HEAD"),
        ("transfer.refused", "REFUSED"),
        ("opinion.to_transfer_issued", "OPINION_TO_TRANSFER"),
        ("transfer.sent", "TRANSFERRED"),
        ("opinion.to_transfer_executed", "TRANSFERRED"),
    ],
    "handed over on site": [
        ("transfer.on_site_handed", "TRANSFERRED"),
        ("transfer.received", "ACCEPTED"),
        ("transfer.sent", "ACCEPTED"),
    ],
    "supplemented after the receipt": [
        *RECEIVED,
        ("transfer.supplement_requested", "SUPPLEMENT"),
        ("transfer.supplemented", "ACCEPTED"),
        ("filing.accepted", "FILED"),
    ],
    "supplemented without a receipt": [
        *TRANSFER,
        ("transfer.supplement_requested", "SUPPLEMENT"),
        ("transfer.supplemented", "TRANSFERRED"),
    ],
    "forwarded": [*RECEIVED, ("transfer.forwarded", "FORWARDED"), ("transfer.received", "ACCEPTED")],
    "forwarded after filing": [*FILED, ("transfer.forwarded", "FILED")],
    "out of remit, sent elsewhere": [
        *RECEIVED,
        ("transfer.out_of_remit", "OUT_OF_REMIT"),
        ("transfer.sent", "TRANSFERRED"),
    ],
    "extended": [*RECEIVED, ("filing.extended", "ACCEPTED"), ("filing.accepted", "FILED")],
    "undecided in time": [
        *RECEIVED,
        ("filing.undecided_overdue", "NO_DECISION_OVERDUE"),
        ("supervision.proposed", "SUPERVISION"),
    ],
    "reconsidered and maintained": [
        *DECLINED,
        ("reconsideration.requested", "RECONSIDERING"),
        ("reconsideration.decided", "MAINTAINED"),
        ("supervision.proposed", "SUPERVISION"),
        ("supervision.reasons_requested", "REASONS_ASKED"),
        ("supervision.reasons_given", "REASONS_ASKED"),
        ("supervision.file_ordered", "FILE_ORDERED"),
        ("supervision.corrected", "FILE_ORDERED"),
        ("filing.accepted", "FILED"),
        ("supervision.urged", "FILED"),
    ],
    "straight to supervision": [
        *DECLINED,
        ("supervision.proposed", "SUPERVISION"),
        ("supervision.reasons_requested", "REASONS_ASKED"),
        ("supervision.concluded", "REASONS_HOLD"),
        ("returned.to_agency", "RETURNED"),
    ],
    "filed when asked for reasons": [
        *DECLINED,
        ("supervision.reasons_requested", "REASONS_ASKED"),
        ("filing.accepted", "FILED"),
        ("supervision.reasons_given", "FILED"),
    ],
    "withdrawn": [*FILED, ("case.withdrawn", "WITHDRAWN"), ("returned.to_agency", "RETURNED")],
    "to judgment": [
        *FILED,
        ("items.handed_over", "ITEMS_HANDED"),
        ("case.suspect_in_custody", "INVESTIGATING"),
        ("case.arrest_approved", "INVESTIGATING"),
        ("case.sent_for_prosecution", "SENT_FOR_PROSECUTION"),
        ("case.prosecuted", "PROSECUTED"),
        ("case.judged", "JUDGED"),
        ("case.appeal_decided", "JUDGED"),
    ],
    "articles handed over late": [*CHARGED, ("items.handed_over", "SENT_FOR_PROSECUTION")],
    "later steps prove the filing": [*TRANSFER, ("case.arrest_approved", "INVESTIGATING")],
    "a second lead": [*TRANSFER, ("lead.found", "TRANSFERRED"), ("admin_case.filed", "TRANSFERRED")],
}
SPEAKERS = {
    "admin_case": "by-env",
    "transfer": "by-env",
    "items": "by-env",
    "lead": "by-env",
    "filing": "by-police",
    "supervision": "by-criminal",
    "opinion": "by-criminal",
    "reverse": "by-admin",
    "returned": "by-police",
    "reconsideration": "by-env",
    "suggestion": "by-admin",
}
BY_POLICE = {
    "transfer.received", "transfer.supplement_requested", "transfer.forwarded", "transfer.out_of_remit",
    "supervision.reasons_given", "case.withdrawn", "case.sent_for_prosecution", "case.suspect_in_custody",
    "reconsideration.decided",
}  # fmt: skip
BY_AGENCY = {"supervision.proposed", "opinion.to_transfer_executed", "reverse.replied"}
ADDRESSED = {
    "transfer.sent": "by-police",
    "transfer.on_site_handed": "by-police",
    "transfer.forwarded": "by-police-town",
}


def speaker(type_: str) -> str:
    if type_ in BY_POLICE:
        return "by-police"
    if type_ in BY_AGENCY:
        return "by-env"
    if type_ in {"case.judged", "case.appeal_decided"}:
        return "by-court"
    if type_ in {"filing.undecided_overdue", "reverse.reply_overdue"}:
        return "bus"
    return SPEAKERS.get(type_.split(".", maxsplit=1)[0], "by-criminal")


def details(type_: str) -> dict[str, Any]:
    data: dict[str, Any] = {"addressee": ADDRESSED.get(type_)}
    if type_ == "reconsideration.decided":
        data["result"] = "maintained"
    if type_ == "supervision.concluded":
        data["outcome"] = "reasons_hold"
    return data


def walk(path: Iterable[tuple[str, str]], **how: Any) -> Story:
    story = Story(**how)
    for type_, state in path:
        folded = story.say(
            "by-police-town" if _forwarded(story) and type_ in BY_POLICE else speaker(type_),
            type_,
            **details(type_),
        )
        assert folded.parked is None, folded.parked
        assert flags(folded) == [], (type_, state)
        assert story.known.state == state
    return story


def _forwarded(story: Story) -> bool:
    return story.case is not None and story.case.roles.get(Role.POLICE) == "by-police-town"


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_the_paths_of_the_law_are_in_order(path: list[tuple[str, str]]) -> None:
    walk(path)


REVERSE_PATHS = {
    "to a result": [
        ("case.not_prosecuted", "NOT_PROSECUTED"),
        ("reverse.case_moved", "CASE_MOVED"),
        ("reverse.registered", "ADMIN_DEPT_RECEIVED"),
        ("reverse.jurisdiction_settled", "ADMIN_DEPT_RECEIVED"),
        ("reverse.suspended", "SUSPENDED"),
        ("reverse.resumed", "ADMIN_DEPT_RECEIVED"),
        ("reverse.opinion_issued", "OPINION_ISSUED"),
        ("reverse.opinion_delivered", "DELIVERED"),
        ("reverse.reply_overdue", "REPLY_OVERDUE"),
        ("reverse.followed_up", "FOLLOW_UP"),
        ("reverse.replied", "REPLIED"),
    ],
    "closed without an opinion": [
        ("case.not_prosecuted", "NOT_PROSECUTED"),
        ("reverse.registered", "ADMIN_DEPT_RECEIVED"),
        ("reverse.review_closed", "REVIEW_CLOSED"),
    ],
    "two letters": [
        ("case.not_prosecuted", "NOT_PROSECUTED"),
        ("reverse.opinion_issued", "OPINION_ISSUED"),
        ("reverse.opinion_issued", "OPINION_ISSUED"),
        ("reverse.replied", "REPLIED"),
        ("reverse.opinion_delivered", "REPLIED"),
    ],
}


@pytest.mark.parametrize("path", REVERSE_PATHS.values(), ids=REVERSE_PATHS)
def test_the_reverse_paths_of_the_law_are_in_order(path: list[tuple[str, str]]) -> None:
    story = walk(CHARGED)
    for type_, state in path:
        folded = story.say(speaker(type_), type_, addressee="by-env", letter_no="L")
        assert flags(folded) == [], (type_, state)
        assert story.known.reverse_state == state


def test_an_interim_reply_is_no_result_and_a_suggestion_is_more_than_a_reminder() -> None:
    """Reply, result and verification are three things."""
    story = walk(CHARGED)
    story.say("by-criminal", "case.not_prosecuted")
    story.say("by-admin", "reverse.opinion_issued", addressee="by-env", letter_no="L")
    story.say("by-env", "reverse.replied", letter_no="L", interim=True)
    assert story.known.reverse_state == "REPLIED_IN_PROGRESS"
    story.say("by-admin", "reverse.followed_up", addressee="by-env", kind="follow_up")
    assert story.known.reverse_state == "FOLLOW_UP"
    story.say("by-admin", "reverse.followed_up", addressee="by-env", kind="suggestion")
    assert story.known.reverse_state == "SUGGESTION"
    story.say("by-env", "reverse.replied", letter_no="L", interim=False)
    assert story.known.reverse_state == "REPLIED"


def test_what_the_police_return_needs_the_same_reply() -> None:
    story = walk(FILED)
    story.say("by-police", "returned.to_agency")
    assert (story.known.state, story.known.reverse_state) == ("RETURNED", "RETURNED")
    assert flags(story.say("by-env", "reverse.replied", letter_no="-")) == []
    assert story.known.reverse_state == "REPLIED"


def test_exemption_from_punishment_opens_the_way_back() -> None:
    story = walk(CHARGED)
    story.say("by-court", "case.judged", result="exempted")
    assert story.known.reverse_state == "EXEMPTED"
    assert flags(story.say("by-criminal", "reverse.case_moved")) == []


ILLEGAL = [
    # (state, event, state after it): believed if it proves a later state, otherwise without effect
    ("OPEN", "filing.accepted", "FILED"),
    ("LEAD", "case.suspect_in_custody", "INVESTIGATING"),
    ("ADMIN_FILED", "transfer.received", "ACCEPTED"),
    ("REFUSED", "transfer.sent", "TRANSFERRED"),
    ("OPINION_TO_TRANSFER", "case.sent_for_prosecution", "SENT_FOR_PROSECUTION"),
    ("NOT_FILED", "supervision.file_ordered", "FILE_ORDERED"),
    ("TRANSFERRED", "reconsideration.requested", "RECONSIDERING"),
    ("FILED", "filing.declined", "FILED"),
    ("FILED", "transfer.suspected", "FILED"),
    ("FILED", "opinion.to_transfer_issued", "FILED"),
    ("JUDGED", "case.not_prosecuted", "JUDGED"),
    ("NOT_FILED", "transfer.received", "NOT_FILED"),
    ("OPEN", "supervision.reasons_given", "OPEN"),
    ("ACCEPTED", "supervision.reasons_given", "ACCEPTED"),
    ("LEAD", "items.handed_over", "ITEMS_HANDED"),
]


def at(
    state: str, type_: str, reverse: str | None = None, data: dict[str, Any] | None = None
) -> tuple[Case, Any]:
    """A case of an agency that stands at `state`, with one event more."""
    story = Story()
    event = story.event(speaker(type_), type_, **{**details(type_), **(data or {})})
    opening = story.event("by-env", "consult.asked", at=-1, addressee=None)
    roles = {Role.AGENCY: "by-env", Role.POLICE: "by-police"}
    case = Case(
        id=event.envelope.subject,
        origin_unit="by-env",
        origin_case="A-1",
        district="baiyun",
        field="environment",
        offence=None,
        roles=roles,
        state=state,
        reverse_state=reverse,
        events=(opening, event),
    )
    return case, event


@pytest.mark.parametrize(("state", "type_", "after"), ILLEGAL)
def test_an_event_out_of_order_is_flagged(state: str, type_: str, after: str) -> None:
    case, event = at(state, type_)
    place, odd = step(case, event, REGISTER)
    assert [anomaly.code for anomaly in odd] == ["out-of-order"]
    assert type_ in odd[0].detail
    assert state in odd[0].detail
    assert place.state == after


def expand(text: str) -> dict[str, str]:
    """`A B > C; D E =` as {A: C, B: C, D: D, E: E}; capitalised words in GROUPS stand for several states."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        names, _, to = part.partition(">") if ">" in part else (part.rstrip("="), "", "")
        for name in names.split():
            for state in GROUPS.get(name, name).split():
                found.setdefault("" if state == "-" else state, to.strip() or ("" if state == "-" else state))
    return found


GROUPS = {
    "Early": "OPEN LEAD ADMIN_FILED",
    "Inside": "OPEN LEAD ADMIN_FILED SUSPECTED_CRIME TASK_GROUP",
    "Police": "TRANSFERRED SUPPLEMENT FORWARDED ACCEPTED NO_DECISION_OVERDUE",
    "Refusal": "NOT_FILED RECONSIDERING MAINTAINED SUPERVISION REASONS_ASKED REASONS_HOLD FILE_ORDERED",
    "Criminal": "FILED ITEMS_HANDED INVESTIGATING",
    "Charged": "SENT_FOR_PROSECUTION NOT_PROSECUTED PROSECUTED JUDGED",
    "Letter": "OPINION_ISSUED DELIVERED REPLY_OVERDUE REPLIED_IN_PROGRESS REPLIED FOLLOW_UP SUGGESTION",
    "Review": "CASE_MOVED ADMIN_DEPT_RECEIVED",
    "Closed": "SUSPENDED REVIEW_CLOSED",
    "Entered": "NOT_PROSECUTED EXEMPTED",
}
# What is in legal order, for a case of an agency, with the state after it; first match counts. All else is flagged.
LEGAL = {
    "transfer.suspected": """Early REFUSED OPINION_TO_TRANSFER RETURNED > SUSPECTED_CRIME;
        SUSPECTED_CRIME TASK_GROUP PENDING_HEAD APPROVED =""",
    "transfer.task_group_formed": "Early SUSPECTED_CRIME OPINION_TO_TRANSFER > TASK_GROUP; TASK_GROUP =",
    "transfer.reported": "Inside REFUSED OPINION_TO_TRANSFER > PENDING_HEAD",
    "transfer.approved": "Inside PENDING_HEAD OPINION_TO_TRANSFER > APPROVED",
    "transfer.refused": "Inside PENDING_HEAD OPINION_TO_TRANSFER > REFUSED",
    "opinion.to_transfer_issued": """Inside PENDING_HEAD REFUSED APPROVED OPINION_TO_TRANSFER
        > OPINION_TO_TRANSFER""",
    "opinion.to_transfer_executed": """SUSPECTED_CRIME TASK_GROUP PENDING_HEAD REFUSED APPROVED
        OPINION_TO_TRANSFER Police OUT_OF_REMIT Refusal Criminal Charged =""",
    "transfer.sent": """Inside PENDING_HEAD APPROVED OPINION_TO_TRANSFER OUT_OF_REMIT NOT_FILED MAINTAINED
        RETURNED > TRANSFERRED; TRANSFERRED ACCEPTED =""",
    "transfer.on_site_handed": """Inside PENDING_HEAD APPROVED OPINION_TO_TRANSFER OUT_OF_REMIT NOT_FILED
        MAINTAINED RETURNED > TRANSFERRED; TRANSFERRED ACCEPTED =""",
    "transfer.received": "TRANSFERRED SUPPLEMENT FORWARDED > ACCEPTED",
    "transfer.supplement_requested": "TRANSFERRED FORWARDED ACCEPTED > SUPPLEMENT",
    "transfer.supplemented": "SUPPLEMENT > TRANSFERRED",
    "transfer.forwarded": "Police > FORWARDED; Criminal =",
    "transfer.out_of_remit": "Police > OUT_OF_REMIT",
    "filing.extended": "Police =",
    "filing.accepted": "Police Refusal WITHDRAWN > FILED; FILED =",
    "filing.declined": "Police > NOT_FILED",
    "reconsideration.requested": "NOT_FILED > RECONSIDERING",
    "reconsideration.decided": "RECONSIDERING > MAINTAINED",
    "supervision.proposed": "Police NOT_FILED MAINTAINED > SUPERVISION",
    "supervision.reasons_requested": "Police NOT_FILED MAINTAINED SUPERVISION > REASONS_ASKED",
    "supervision.reasons_given": "REASONS_ASKED Criminal =",
    "supervision.file_ordered": "REASONS_ASKED > FILE_ORDERED",
    "supervision.concluded": "REASONS_ASKED SUPERVISION > REASONS_HOLD; Criminal =",
    "supervision.corrected": """Police NOT_FILED MAINTAINED SUPERVISION REASONS_ASKED FILE_ORDERED
        Criminal =""",
    "supervision.urged": "Police NOT_FILED MAINTAINED SUPERVISION REASONS_ASKED FILE_ORDERED Criminal =",
    "items.handed_over": "FILED > ITEMS_HANDED; Police ITEMS_HANDED INVESTIGATING Charged =",
    "case.suspect_in_custody": "Police FILED ITEMS_HANDED > INVESTIGATING; INVESTIGATING Charged =",
    "case.arrest_approved": "Police FILED ITEMS_HANDED > INVESTIGATING; INVESTIGATING Charged =",
    "case.withdrawn": "Criminal SENT_FOR_PROSECUTION > WITHDRAWN",
    "returned.to_agency": """Police OUT_OF_REMIT NOT_FILED MAINTAINED REASONS_HOLD Criminal WITHDRAWN
        > RETURNED; Charged =""",
    "case.sent_for_prosecution": """Police Criminal NOT_PROSECUTED > SENT_FOR_PROSECUTION;
        SENT_FOR_PROSECUTION PROSECUTED JUDGED =""",
    "case.not_prosecuted": "Police Criminal SENT_FOR_PROSECUTION > NOT_PROSECUTED; NOT_PROSECUTED =",
    "case.prosecuted": "Police Criminal SENT_FOR_PROSECUTION NOT_PROSECUTED > PROSECUTED; PROSECUTED JUDGED =",
    "case.judged": "Police Criminal SENT_FOR_PROSECUTION PROSECUTED > JUDGED; JUDGED =",
    "case.appeal_decided": "PROSECUTED > JUDGED; JUDGED =",
}
NEUTRAL = {
    "lead.found": "OPEN > LEAD",
    "accident.occurred": "OPEN > LEAD",
    "admin_case.filed": "OPEN LEAD > ADMIN_FILED",
    "filing.undecided_overdue": "TRANSFERRED SUPPLEMENT FORWARDED ACCEPTED > NO_DECISION_OVERDUE",
    "reverse.reply_overdue": "OPINION_ISSUED DELIVERED > REPLY_OVERDUE",
}
LEGAL_BACK = {
    "returned.to_agency": "- > RETURNED; RETURNED Entered Review Closed Letter =",
    "case.not_prosecuted": "- RETURNED > NOT_PROSECUTED; Entered Review Closed Letter =",
    "case.judged": "- RETURNED Entered Review Closed Letter =",
    "reverse.case_moved": "Entered > CASE_MOVED; Review Closed Letter =",
    "reverse.registered": "Entered CASE_MOVED > ADMIN_DEPT_RECEIVED; ADMIN_DEPT_RECEIVED Closed Letter =",
    "reverse.jurisdiction_settled": "RETURNED Entered Review Closed Letter =",
    "reverse.suspended": "Review > SUSPENDED",
    "reverse.resumed": "SUSPENDED > ADMIN_DEPT_RECEIVED",
    "reverse.review_closed": "Entered Review > REVIEW_CLOSED",
    "reverse.opinion_issued": "Entered Review > OPINION_ISSUED; Letter =",
    "reverse.opinion_delivered": "OPINION_ISSUED > DELIVERED; Letter =",
    "reverse.replied": "RETURNED Letter > REPLIED",
    "reverse.followed_up": "SUGGESTION =; Letter > FOLLOW_UP",
}


@pytest.mark.parametrize("type_", FORWARD_TYPES)
@pytest.mark.parametrize("state", [state.code for state in FORWARD_STATES])
def test_every_pair_of_the_forward_track(state: str, type_: str) -> None:
    """Where the law has it, it leads where the law has it; elsewhere one flag, and only proof of more moves it."""
    case, event = at(state, type_)
    place, odd = step(case, event, REGISTER)
    if type_ in NEUTRAL:
        assert (place.state, odd) == (expand(NEUTRAL[type_]).get(state, state), [])
        return
    legal = expand(LEGAL[type_])
    if state in legal:
        assert (place.state, odd) == (legal[state], [])
        return
    assert [anomaly.code for anomaly in odd] == ["out-of-order"]
    proves = {to for came, to in legal.items() if to != came and RANK[to] > RANK[state]}
    assert place.state in (proves or {state})
    assert place.roles[Role.AGENCY] == case.roles[Role.AGENCY]


@pytest.mark.parametrize("type_", REVERSE_TYPES)
@pytest.mark.parametrize("state", [state.code for state in REVERSE_STATES])
def test_every_pair_of_the_reverse_track(state: str, type_: str) -> None:
    case, event = at("SENT_FOR_PROSECUTION", type_, reverse=state or None)
    place, odd = step(case, event, REGISTER)
    after = place.reverse_state or NO_STATE
    flagged = [anomaly for anomaly in odd if "reverse track" in anomaly.detail]
    if type_ in NEUTRAL:
        assert (after, flagged) == (expand(NEUTRAL[type_]).get(state, state), [])
        return
    legal = expand(LEGAL_BACK[type_])
    if state in legal:
        assert (after, flagged) == (legal[state], [])
        return
    assert len(flagged) == 1
    proves = {to for came, to in legal.items() if to != came and REVERSE_RANK[to] > REVERSE_RANK[state]}
    assert after in (proves or {state})


CONDITIONAL = [
    # (state, event, what it says, state after it)
    ("RECONSIDERING", "reconsideration.decided", {"result": "filed"}, "FILED"),
    ("FILED", "reconsideration.decided", {"result": "filed"}, "FILED"),
    ("REASONS_ASKED", "supervision.concluded", {"outcome": "reasons_fail"}, "REASONS_ASKED"),
    ("FILE_ORDERED", "supervision.concluded", {"outcome": "reasons_fail"}, "FILE_ORDERED"),
    ("FILED", "case.withdrawn", {"party": "甲"}, "FILED"),
    ("SENT_FOR_PROSECUTION", "case.withdrawn", {"party": "甲"}, "SENT_FOR_PROSECUTION"),
    ("FILED", "returned.to_agency", {"party": "甲"}, "FILED"),
    ("SUPERVISION", "returned.to_agency", {"party": "甲"}, "SUPERVISION"),
    ("PROSECUTED", "case.not_prosecuted", {"party": "甲"}, "PROSECUTED"),
    ("TRANSFERRED", "case.not_prosecuted", {"party": "甲"}, "TRANSFERRED"),
]


@pytest.mark.parametrize(("state", "type_", "data", "after"), CONDITIONAL)
def test_what_the_event_says_decides(state: str, type_: str, data: dict[str, Any], after: str) -> None:
    """A decision about one party of unknown many, a reconsideration that files, reasons that fail."""
    case, event = at(state, type_, data=data)
    place, odd = step(case, event, REGISTER)
    assert (place.state, odd) == (after, [])


@pytest.mark.parametrize("state", expand(LEGAL_BACK["reverse.replied"]))
def test_an_interim_reply_never_stands_for_a_result(state: str) -> None:
    case, event = at("NOT_PROSECUTED", "reverse.replied", reverse=state, data={"interim": True})
    place, odd = step(case, event, REGISTER)
    assert odd == []
    assert place.reverse_state == ("REPLIED" if state == "REPLIED" else "REPLIED_IN_PROGRESS")


@pytest.mark.parametrize("state", expand("Letter ="))
def test_a_suggestion_follows_any_letter(state: str) -> None:
    case, event = at("NOT_PROSECUTED", "reverse.followed_up", reverse=state, data={"kind": "suggestion"})
    place, odd = step(case, event, REGISTER)
    assert (place.reverse_state, odd) == ("SUGGESTION", [])


def test_side_tracks_never_move_a_case() -> None:
    story = walk(FILED)
    for unit, type_ in (
        ("by-criminal", "intervention.opined"),
        ("by-env", "consult.asked"),
        ("by-env", "obstacle.reported"),
        ("by-pil", "pil.filed"),
        ("by-env", "test.resulted"),
        ("by-admin", "hearing.held"),
        ("by-env", "duty_lead.sent"),
        ("bus", "lead.threshold_matched"),
    ):
        assert type_ not in TRACKED or type_ == "pil.filed"  # which only gives a role
        story.say(unit, type_, addressee="by-criminal", holder="by-police")
        assert story.known.state == "FILED"
