"""The live tail passes over no event, whatever the clock of the broker did."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from consumers.monitoring.tail import MOST, Filter, advanced, after, marks
from tests.consumers.casework.logged import TOPIC

pytestmark = pytest.mark.postgres

CLOCKS = {
    "one moment for all": "'2026-03-01T00:00Z'",
    "set back again and again": "timestamptz '2026-03-01T00:00Z' - log_offset * interval '1 s'",
}


def places(connection):
    return {tuple(row) for row in connection.execute(text("SELECT partition, log_offset FROM events"))}


@pytest.mark.parametrize("times", CLOCKS.values(), ids=CLOCKS.keys())
def test_every_event_is_shown_once_and_in_the_order_of_its_partition(copied, times):
    with copied.connect() as connection:
        connection.execute(text(f"UPDATE events SET recorded_at = {times}"))
        reached = marks(connection, TOPIC)
        seen, shown = dict.fromkeys(reached, -1), []
        while lines := after(connection, seen, Filter()):
            seen = advanced(seen, lines, reached)
            shown += [(line.partition, line.offset) for line in lines]
        assert len(shown) > 2 * MOST
        assert sorted(shown) == sorted(places(connection))
        for partition in reached:
            offsets = [offset for where, offset in shown if where == partition]
            assert offsets == sorted(offsets)
        connection.rollback()
