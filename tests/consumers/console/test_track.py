"""The diagram of a case's states: every state once, in the order of the procedure, marked by what it is to the case."""

from __future__ import annotations

import pytest

from consumers.console.case.track import Mark, Track, tracks
from consumers.transfers.states import (
    FORWARD_STAGES,
    FORWARD_STATES,
    REVERSE_STAGES,
    REVERSE_STATES,
    by_stage,
)
from tests.consumers.casework.story import REGISTER, Story
from tests.consumers.transfers.test_history import HISTORY


def told(most: int) -> tuple[Track, Track]:
    story = Story()
    for unit, type_, data in HISTORY[:most]:
        story.say(unit, type_, **data)
    return tracks(story.case, REGISTER)


def marked(track: Track, mark: Mark) -> list[str]:
    return [state for _, states in track.diagram for state, found in states if found is mark]


@pytest.mark.parametrize(
    ("states", "stages"), [(FORWARD_STATES, FORWARD_STAGES), (REVERSE_STATES, REVERSE_STAGES)]
)
def test_the_stages_part_the_states_without_losing_one_or_their_order(states, stages):
    parted = by_stage(states, stages)
    assert [stage for stage, _ in parted] == list(stages)
    assert all(found for _, found in parted)
    assert tuple(state for _, found in parted for state in found) == states


@pytest.mark.parametrize("most", range(1, len(HISTORY) + 1))
def test_the_diagram_shows_where_a_case_stands_where_it_was_and_what_may_follow(most):
    for track in told(most):
        if not track.stops:
            assert track.diagram == ()
            continue
        reached = {stop.state for stop in track.stops}
        assert marked(track, Mark.NOW) == [track.stops[-1].state]
        assert reached - {track.stops[-1].state} <= set(marked(track, Mark.PASSED))
        assert set(marked(track, Mark.NEXT)) == {way.state for way in track.ways} - reached
