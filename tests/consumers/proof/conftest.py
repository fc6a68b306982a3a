"""A log with two cases in a database of its own, and two keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumers.proof.signing import new_key
from tests.consumers.proof.worlds import applied, made_log


@pytest.fixture
def signer(tmp_path: Path):
    return new_key(tmp_path / "key.pem")


@pytest.fixture
def other_signer(tmp_path: Path):
    return new_key(tmp_path / "other.pem")


@pytest.fixture
def log():
    return made_log()


@pytest.fixture
def engine(database, register, log):
    connector = applied(database, register, log)
    yield connector
    connector.dispose()
