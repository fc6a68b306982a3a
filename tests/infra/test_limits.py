"""The token bucket: never more than was allowed, never less after waiting as long as it says, and one unit's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.limits import Allowance, Meter, spend

allowances = st.builds(Allowance, st.floats(0.5, 5000, allow_nan=False), st.integers(1, 10_000))
steps = st.lists(st.tuples(st.floats(0, 50, allow_nan=False), st.integers(1, 50)), min_size=1, max_size=60)


@given(allowances, steps)
def test_in_any_span_no_more_is_taken_than_the_burst_and_what_came_in_it(allowance, asked):
    bucket, now, taken = None, 0.0, 0
    for pause, cost in asked:
        now += pause
        bucket, standing = spend(bucket, allowance, cost, now)
        taken += 0 if standing.wait else cost
        assert taken <= allowance.burst + now * allowance.per_second + 1e-6
        assert 0 <= standing.remaining <= allowance.burst


@given(allowances, st.integers(1, 10_000), st.data())
def test_whoever_waits_as_long_as_told_is_taken(allowance, spent, data):
    cost = data.draw(st.integers(1, allowance.burst))
    bucket, _ = spend(None, allowance, min(spent, allowance.burst), 0.0)
    bucket, standing = spend(bucket, allowance, cost, 0.0)
    if standing.wait:
        assert spend(bucket, allowance, cost, standing.wait * (1 + 1e-9) + 1e-9)[1].wait == 0.0


def test_a_refusal_takes_nothing():
    allowance = Allowance(1.0, 10)
    bucket, _ = spend(None, allowance, 8, 0.0)
    for _ in range(3):
        bucket, standing = spend(bucket, allowance, 5, 0.0)
        assert (standing.remaining, standing.wait) == (2, 3.0)
    assert spend(bucket, allowance, 2, 0.0)[1].wait == 0.0


def test_a_clock_that_goes_back_gives_nothing():
    bucket, _ = spend(None, Allowance(1.0, 10), 10, 100.0)
    assert spend(bucket, Allowance(1.0, 10), 1, 0.0)[1].wait == 1.0


@pytest.mark.parametrize("flood", [10, 1000])
def test_one_units_flood_leaves_anothers_bucket_full(flood):
    meter = Meter(Allowance(1.0, 10), monotonic=lambda: 0.0)
    assert [meter.spend("loud", 1).wait > 0 for _ in range(flood)].count(False) == 10
    assert meter.spend("quiet", 10).wait == 0.0
