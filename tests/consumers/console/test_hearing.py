"""Units' reports are read once and kept up: a later look reads only what came since, and tells the same."""

from __future__ import annotations

import pytest

from consumers.monitoring.exposing import hearings_of
from consumers.monitoring.hearing import LEAST_APART, Hearings
from infra.demo.fresh import fresh_cases
from tests.consumers.console.conftest import NOW
from tests.consumers.console.world import World

pytestmark = pytest.mark.postgres


def test_what_is_kept_up_is_what_a_reading_of_everything_tells(empty, rulebook):
    said = [(one.unit, one.statement) for one in fresh_cases(NOW, rulebook.register)]
    world, hearings = World(empty, rulebook, NOW), Hearings(empty, rulebook)
    world.say(said[:20])
    first = hearings.look(NOW)
    assert first == hearings_of(empty, rulebook, NOW)
    world.say(said[20:])
    assert hearings.look(NOW) == first  # asked again at once: nothing is read
    later = NOW + LEAST_APART
    kept = hearings.look(later)
    assert kept == hearings_of(empty, rulebook, later)
    assert kept != first
