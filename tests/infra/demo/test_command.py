"""`linkage demo` as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.cli.demo import CASES, _settled_soon, demo
from infra.cli.errors import explanation
from infra.dev.process import DevError
from infra.settings import Settings


def test_without_cases_it_says_where_they_are_expected(tmp_path: Path) -> None:
    with pytest.raises(DevError, match="holds no case") as failure:
        demo(once=True, cases=tmp_path)
    told = explanation(failure.value)
    assert told is not None
    assert told.exit_code != 0
    assert "checkout" in told.sentence


def test_the_cases_of_the_checkout_are_the_default() -> None:
    assert list(CASES.glob("*.json"))


def test_reported_late_settles_soon_unless_the_environment_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LINKAGE_SETTLING_SECONDS", raising=False)
    assert _settled_soon(Settings()).settling_seconds == 5
    monkeypatch.setenv("LINKAGE_SETTLING_SECONDS", "60")
    assert _settled_soon(Settings()).settling_seconds == 60
