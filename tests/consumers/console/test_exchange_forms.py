"""The forms of exchanges: each says an event that the bus admits, nothing that was not offered, and each once."""

from __future__ import annotations

import pytest

from consumers.console.exchanges.forms import FORMS, Deed, Kind, UnfilledError, said_by, units_for
from consumers.transfers.exchanges import MATTERS
from producers.gateway.statements import Reader
from schemas.catalogue import BY_NAME
from tests.consumers.casework.story import MONDAY, REGISTER
from tests.consumers.transfers.exchanged import Told

AG, PSB, PC = "by-env", "by-police", "by-criminal"
OPENING = {matter.opening for matter in MATTERS.values()}
SAMPLES = {Kind.YES_NO: "yes", Kind.CHOICE: "custody", Kind.TEXT: "甲〔2026〕1号"}


def waiting():
    """One exchange in every state that waits."""
    story = Told()
    story.tell(AG, "transfer.sent", addressee=PSB)
    story.tell(AG, "consult.asked", addressee=PC, consultation_no="K", question="?", written=True)
    story.tell(AG, "obstacle.reported", obstacle_no="O", kind="custody", detail="d", addressee=None)
    story.tell(PSB, "intervention.requested", addressee=PC)
    asked = story.seen()
    story.tell(PC, "intervention.opined", addressee=PSB, items=["i"])
    return [*asked, *story.seen()]


def deed(unit, following=None):
    return Deed(unit, "li", MONDAY.isoformat(), (AG, "A-1"), "environment", following)


def filled_in(form, unit, **other):
    values = {gap.name: SAMPLES.get(gap.kind, "一\n二") for gap in form.gaps}
    units = {gap.name: units_for(gap, unit, REGISTER)[0] for gap in form.gaps if gap.kind is Kind.UNIT}
    return values | units | other


@pytest.mark.parametrize("event", FORMS)
def test_every_form_says_what_the_bus_admits(event):
    """By the checks of the gateway, in the name of a unit that may say it, going on with an exchange that waits."""
    form = FORMS[event]
    following = None if event in OPENING else next(one for one in waiting() if event in one.answers)
    speakers = BY_NAME[event].speakers
    unit = next(one.code for one in REGISTER.by_code.values() if not one.roles.isdisjoint(speakers))
    item = said_by(form, filled_in(form, unit), deed(unit, following), REGISTER)
    record = Reader(REGISTER, 256 * 1024).record(item, unit=unit, now=MONDAY, entropy=b"")
    assert record.envelope.type == event


def test_every_event_of_an_exchange_has_a_form():
    answers = {event for matter in MATTERS.values() for events in matter.answers.values() for event in events}
    assert set(FORMS) == OPENING | answers


@pytest.mark.parametrize(
    "wrong", [{"addressee": PC}, {"addressee": "nobody"}, {"written": "maybe"}, {"question": ""}], ids=str
)
def test_what_was_not_offered_is_not_taken(wrong):
    form = FORMS["consult.asked"]
    with pytest.raises(UnfilledError, match=next(iter(wrong))):
        said_by(form, filled_in(form, PC, **wrong), deed(PC), REGISTER)


def test_other_words_are_another_event_and_the_same_words_the_same():
    form = FORMS["consult.asked"]
    ids = [
        said_by(form, filled_in(form, PC, question=words), deed(PC), REGISTER)["id"]
        for words in ("甲", "乙", "甲")
    ]
    assert ids[0] == ids[2] != ids[1]


def test_an_assignment_tells_its_addressee_what_the_lead_says():
    lead = next(one for one in waiting() if one.track == "obstacle")
    form = FORMS["obstacle.assigned"]
    item = said_by(form, filled_in(form, PC), deed(PC, lead), REGISTER)
    assert item["data"].items() >= {"obstacle_no": "O", "kind": "custody", "detail": "d"}.items()
