"""Side tracks: what each event does in each state, and that nothing of it moves or blocks the case."""

from __future__ import annotations

from typing import Any

import pytest

from consumers.transfers.side_states import side_states
from consumers.transfers.side_tracks import SIDE_TRACKS
from tests.consumers.casework.story import Story, flags

SPEAKERS = {
    "intervention.requested": "by-police",
    "intervention.adopted": "by-police",
    "pil.replied": "by-env",
}
SAID: dict[str, dict[str, Any]] = {
    "pil-civil": {"pil.suit_filed": {"kind": "civil", "addressee": "by-court"}},
    "pil-administrative": {"pil.suit_filed": {"kind": "administrative", "addressee": "by-court"}},
}
WAYS = {
    # (track, state): how a case gets there
    "intervention": {
        "": (),
        "REQUESTED": ("intervention.requested",),
        "OPINED": ("intervention.opined",),
        "ANSWERED": ("intervention.opined", "intervention.adopted"),
    },
    "consult": {"": (), "ASKED": ("consult.asked",), "ANSWERED": ("consult.asked", "consult.answered")},
    "obstacle": {
        "": (),
        "REPORTED": ("obstacle.reported",),
        "ASSIGNED": ("obstacle.reported", "obstacle.assigned"),
        "CLEARED": ("obstacle.reported", "obstacle.cleared"),
    },
    "pil-civil": {
        "": (),
        "FILED": ("pil.filed",),
        "ANNOUNCED": ("pil.announced",),
        "SUED": ("pil.announced", "pil.suit_filed"),
    },
    "pil-administrative": {
        "": (),
        "FILED": ("pil.filed",),
        "CONSULTED": ("pil.consulted",),
        "SUGGESTED": ("pil.suggested",),
        "REPLIED": ("pil.suggested", "pil.replied"),
        "VERIFIED": ("pil.suggested", "pil.verified"),
        "SUED": ("pil.suggested", "pil.suit_filed"),
    },
}
# (track, event): state → state after it; a state that is not named is lacking something, and stays.
LEADS = {
    ("intervention", "intervention.requested"): {"": "REQUESTED", "REQUESTED": "REQUESTED", "OPINED": "OPINED",
                                                 "ANSWERED": "ANSWERED"},
    ("intervention", "intervention.opined"): {"": "OPINED", "REQUESTED": "OPINED", "OPINED": "OPINED",
                                              "ANSWERED": "OPINED"},
    ("intervention", "intervention.adopted"): {"OPINED": "ANSWERED", "ANSWERED": "ANSWERED"},
    ("consult", "consult.asked"): {"": "ASKED", "ASKED": "ASKED", "ANSWERED": "ASKED"},
    ("consult", "consult.answered"): {"ASKED": "ANSWERED", "ANSWERED": "ANSWERED"},
    ("obstacle", "obstacle.reported"): {"": "REPORTED", "REPORTED": "REPORTED", "ASSIGNED": "ASSIGNED",
                                          "CLEARED": "REPORTED"},
    ("obstacle", "obstacle.assigned"): {"REPORTED": "ASSIGNED", "ASSIGNED": "ASSIGNED", "CLEARED": "CLEARED"},
    ("obstacle", "obstacle.cleared"): {"REPORTED": "CLEARED", "ASSIGNED": "CLEARED", "CLEARED": "CLEARED"},
    ("pil-civil", "pil.filed"): {"": "FILED", "FILED": "FILED", "ANNOUNCED": "ANNOUNCED", "SUED": "SUED"},
    ("pil-civil", "pil.announced"): {"": "ANNOUNCED", "FILED": "ANNOUNCED", "ANNOUNCED": "ANNOUNCED", "SUED": "SUED"},
    ("pil-civil", "pil.suit_filed"): {"ANNOUNCED": "SUED", "SUED": "SUED"},
    ("pil-administrative", "pil.filed"): {"": "FILED", "FILED": "FILED", "CONSULTED": "CONSULTED",
                                          "SUGGESTED": "SUGGESTED", "REPLIED": "REPLIED", "VERIFIED": "VERIFIED",
                                          "SUED": "SUED"},
    ("pil-administrative", "pil.consulted"): {"": "CONSULTED", "FILED": "CONSULTED", "CONSULTED": "CONSULTED",
                                              "SUGGESTED": "SUGGESTED", "REPLIED": "REPLIED",
                                              "VERIFIED": "VERIFIED", "SUED": "SUED"},
    ("pil-administrative", "pil.suggested"): {"": "SUGGESTED", "FILED": "SUGGESTED", "CONSULTED": "SUGGESTED",
                                              "SUGGESTED": "SUGGESTED", "REPLIED": "REPLIED",
                                              "VERIFIED": "VERIFIED", "SUED": "SUED"},
    ("pil-administrative", "pil.replied"): {"SUGGESTED": "REPLIED", "REPLIED": "REPLIED", "VERIFIED": "VERIFIED",
                                            "SUED": "SUED"},
    ("pil-administrative", "pil.verified"): {"SUGGESTED": "VERIFIED", "REPLIED": "VERIFIED",
                                             "VERIFIED": "VERIFIED", "SUED": "SUED"},
    ("pil-administrative", "pil.suit_filed"): {"SUGGESTED": "SUED", "REPLIED": "SUED", "VERIFIED": "SUED",
                                               "SUED": "SUED"},
}  # fmt: skip
PAIRS = [
    pytest.param(track.code, state.code, event, id=f"{track.code}-{state.code or 'start'}-{event}")
    for track in SIDE_TRACKS
    for state in track.states
    for event in dict.fromkeys(step.event for step in track.steps)
]


def say(story: Story, track: str, type_: str) -> list[str]:
    unit = SPEAKERS.get(type_, "by-pil" if type_.startswith("pil.") else "by-criminal")
    data = {"addressee": "by-env", "letter_no": "1", "obstacle_no": "1", "consultation_no": "1"}
    return flags(story.say(unit, type_, **(data | SAID.get(track, {}).get(type_, {}))))


def at(track: str, state: str) -> Story:
    story = Story()
    story.say("by-env", "transfer.sent", addressee="by-police")
    for type_ in WAYS[track][state]:
        assert say(story, track, type_) == []
    assert side_states(story.known).get(track, "") == state
    return story


@pytest.mark.parametrize(("track", "state", "type_"), PAIRS)
def test_every_pair_of_a_side_track(track: str, state: str, type_: str) -> None:
    story = at(track, state)
    before = story.known
    found = say(story, track, type_)
    legal = LEADS[track, type_]
    assert ("missing-step" in found) == (state not in legal)
    assert side_states(story.known).get(track, "") == legal.get(state, state)
    assert (story.known.state, story.known.reverse_state) == (before.state, before.reverse_state)
    gone = {key for key, clock in before.clocks.items() if story.known.clocks[key].state != clock.state}
    assert {before.clocks[key].rule for key in gone if before.clocks[key].rule.startswith("O310")} == set()


def test_a_suit_of_one_kind_is_no_step_of_the_other() -> None:
    story = at("pil-civil", "ANNOUNCED")
    say(story, "pil-civil", "pil.suit_filed")
    assert side_states(story.known) == {"pil-civil": "SUED"}


def test_a_voided_step_does_not_count() -> None:
    story = at("consult", "ASKED")
    asked = story.told[-1]
    story.say(
        asked.envelope.source,
        "case.voided",
        regarding_source=asked.envelope.source,
        regarding_id=asked.envelope.id,
        reason="r",
    )
    assert "missing-step" in say(story, "consult", "consult.answered")
