"""A few seconds of what `make fuzz` does for long: every way in keeps its promise on damaged input."""

from __future__ import annotations

import resource

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

MOST_GROWTH_KIB = 200 * 1024


def damaged(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """A seed with some of its bytes replaced, removed or doubled."""

    def damage(seed: bytes, wounds: list[tuple[int, bytes, int]]) -> bytes:
        for place, replacement, length in wounds:
            at = place % (len(seed) + 1)
            seed = seed[:at] + replacement + seed[at + length :]
        return seed

    wound = st.tuples(st.integers(0, 2**16), st.binary(max_size=6), st.integers(0, 6))
    return st.builds(damage, st.sampled_from(seeds), st.lists(wound, max_size=4)) | st.binary(max_size=64)


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_input_is_refused_with_a_reason_or_means_what_it_says_in_bounded_memory(name):
    target = TARGETS[name]
    seeds = list(target.seeds())
    for seed in seeds:
        assert target.take(seed) is not None

    @settings(
        max_examples=150,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(seeds))
    def holds(content: bytes) -> None:
        target.take(content)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    holds()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_GROWTH_KIB


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("decoder", "read"),
        ("headers", "read"),
        ("sealed", "opened"),
        ("imports", "read"),
        ("webhooks", "approved"),
    ],
)
def test_seeds_get_beyond_the_first_check(name, outcome):
    target = TARGETS[name]
    assert outcome in {target.take(seed) for seed in target.seeds()}
