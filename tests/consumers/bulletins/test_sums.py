"""Numbers add up: rows to totals, and shares to per cent of what they are a share of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumers.bulletins.figures import FIGURE_BY_CODE, FIGURES, GROUPS, RATES
from consumers.bulletins.sums import Share, Sum, by_field, by_unit, table

UNITS, FIELDS = ("by-env", "by-police", "by-tax"), ("", "environment", "tax")
SUMS = st.lists(
    st.builds(
        Sum,
        st.sampled_from([row.code for row in FIGURES]),
        st.sampled_from(UNITS),
        st.sampled_from(FIELDS),
        st.integers(0, 50),
    ),
    max_size=30,
)
FORWARD = GROUPS[0]


@given(SUMS, st.sampled_from(GROUPS))
def test_the_rows_of_a_table_add_up_to_its_total_by_unit_and_by_field(sums, group):
    for key, keys in ((by_unit, UNITS), (by_field, FIELDS)):
        shown = table(group, sums, key, keys)
        for figure in shown.figures:
            assert sum(row.counts[figure] for row in shown.rows) == shown.total.counts[figure]
        assert all(any(row.counts.values()) for row in shown.rows)


def test_a_share_is_of_the_same_row():
    sums = [
        Sum("filed", "by-police", "", 2),
        Sum("declined", "by-police", "", 1),
        Sum("filed", "by-tax", "", 1),
    ]
    shown = table(FORWARD, sums, by_unit, UNITS)
    rates = {row.key: row.shares["filing_rate"].percent for row in shown.rows}
    assert rates == {"by-police": 66.7, "by-tax": 100.0}
    assert shown.total.shares["filing_rate"] == Share(3, 4)


def test_there_is_no_share_of_nothing():
    assert Share(0, 0).percent is None


def test_every_rate_is_of_figures_of_its_own_group():
    for rate in RATES:
        assert {FIGURE_BY_CODE[name].group for name in (rate.of, *rate.among)} == {rate.group}


def test_codes_of_figures_and_rates_are_given_once():
    codes = [row.code for row in (*FIGURES, *RATES)]
    assert len(codes) == len(set(codes))
    assert {row.group for row in FIGURES} == {group.code for group in GROUPS}
