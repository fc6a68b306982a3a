"""Dashboard, alert rules and runbook name what exists: every metric is one that a process shows."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from prometheus_client.process_collector import ProcessCollector

from consumers.monitoring.exposing import Standing
from consumers.monitoring.lag import State
from consumers.monitoring.silence import Hearing
from consumers.monitoring.standings import FeedStanding, Standings
from consumers.monitoring.watching import Look, PartitionLine
from infra import metrics
from infra.settings import Settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "infra" / "monitoring"
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
ALERTS = [
    rule
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
RUNBOOK = (ROOT / "docs" / "operating.md").read_text("utf-8")
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]] + [
    rule["expr"] for rule in ALERTS
]
_METRIC = re.compile(r"\b((?:bus|kafka|process)_[a-z_]+)\b")
_SEEN = datetime(2026, 11, 23, tzinfo=UTC)


class Known(Standing):
    """The standings of a made-up moment."""

    def __init__(self) -> None:
        feed = FeedStanding("by-env", 3, 2, 1, None)
        found = Standings(_SEEN, {}, 1, 1.0, 1, (feed,), 1, 1.0, {("refused", "key"): 1}, {"sent": 1}, _SEEN)
        line = PartitionLine("case-events", 0, 9, 8, 1, 1.0, 1.0, State.OK)
        self._found = Look(found, (line,))
        self._watch = self
        self._group = "workers"

    def look(self) -> Look:
        return self._found

    def _hear(self):
        return {"by-env": (Hearing.HEARD, _SEEN)}


@pytest.fixture(scope="module")
def shown() -> set[str]:
    """Every sample name that some process shows."""
    names = set()
    for family in [
        *metrics.REGISTRY.collect(),
        *Known().collect(),
        *ProcessCollector(registry=None).collect(),
    ]:
        kinds = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
        names |= {family.name + ending for ending in kinds.get(family.type, [""])}
    return names


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_metric_of_dashboard_and_alerts_exists(expression: str, shown: set[str]) -> None:
    named = set(_METRIC.findall(expression))
    assert named or "up{" in expression
    assert named - shown == set()


def test_every_metric_of_ours_is_on_the_dashboard_or_in_an_alert(shown: set[str]) -> None:
    used = {name for expression in EXPRESSIONS for name in _METRIC.findall(expression)}
    stems = {re.sub("_(total|bucket|sum|count)$", "", name) for name in used}
    ours = {
        re.sub("_(total|bucket|sum|count)$", "", name)
        for name in shown
        if name.startswith(("bus_", "kafka_"))
    }
    assert ours - stems == set()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_says_in_both_languages_what_is_wrong_and_stands_in_the_runbook(rule) -> None:
    assert re.search(r"[\u4e00-\u9fff].* — [a-z{]", rule["annotations"]["summary"])
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"]["runbook"] == f"docs/operating.md#{rule['alert'].lower()}"
    assert f"### {rule['alert']}\n" in RUNBOOK


def test_no_label_can_grow_without_bound() -> None:
    """Cases, events and people are no labels: a metric for each would be a register of them."""
    source = (ROOT / "infra/metrics.py").read_text("utf-8") + (
        ROOT / "consumers/monitoring/exposing.py"
    ).read_text("utf-8")
    labels = {
        name
        for found in re.findall(r"\[((?:\"[a-z_]+\"(?:, )?)+)\]", source)
        for name in re.findall("[a-z_]+", found)
    }
    assert labels == {
        "group", "topic", "partition", "unit", "kind", "reason", "state", "step", "method", "route", "status",
    }  # fmt: skip


def test_the_alerts_judge_by_the_states_that_readers_have() -> None:
    from consumers.monitoring.lag import SEVERITY  # noqa: PLC0415

    by_name = {rule["alert"]: rule["expr"] for rule in ALERTS}
    assert by_name["LinkageReaderStalled"].endswith(f"== {SEVERITY.index(State.STALLED)}")
    assert by_name["LinkageReaderRewound"].endswith(f"== {SEVERITY.index(State.REWOUND)}")
    assert f"== {SEVERITY.index(State.FALLING_BEHIND)}" in by_name["LinkageFallingBehind"]


def test_metrics_are_off_unless_a_port_is_set() -> None:
    assert Settings.model_fields["metrics_port"].default is None
