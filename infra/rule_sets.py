"""Sets of rules by name: this installation's own, with settings changed, or as the decisions that a file has kept."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from pydantic import TypeAdapter, ValidationError

from consumers.explaining.account import RuleSet
from consumers.explaining.deciding import DecidedCase
from consumers.explaining.profiles import known_profiles
from consumers.explaining.rule_sets import rule_set
from consumers.rulebook import Rulebook
from infra.rules import read_rulebook
from infra.settings import Settings

CURRENT = "current"
FORMAT = "linkage-decisions/1"
_KEYS = ("profiles", "holidays", "units", "settling_seconds")
_CASE = TypeAdapter(DecidedCase)
_RULES = TypeAdapter(RuleSet)


class RuleSetError(ValueError):
    """A name that stands for no set of rules: says what is wrong and what is accepted."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a set of rules decided, case by case, as a file has kept it."""

    rules: RuleSet
    cases: Mapping[UUID, DecidedCase]


NOTHING = Recorded(RuleSet("", "", "", (), 0.0), {})
"""Decisions on no case at all."""


def read_rule_set(name: str, settings: Settings) -> Rulebook | Recorded:
    """The set of rules called `name`. Raises RuleSetError, RegisterError or CalendarError.

    `current`: the rules of this program with `settings`. `key=value[;key=value]` or a TOML file with the same
    keys: those with some settings changed. A `.json` file: what `linkage rules record` kept.
    """
    if name == CURRENT:
        return read_rulebook(settings)
    if name.endswith(".json"):
        return _recorded(Path(name))
    if name.endswith(".toml"):
        return _changed(_table(Path(name)), settings, name)
    if "=" in name:
        return _changed(_inline(name), settings, name)
    raise RuleSetError(
        f"{name!r} is no set of rules: write {CURRENT}, profiles=A,B (or {', '.join(_KEYS[1:])}=…, joined by ;), "
        "a .toml file with these keys, or a .json file of `linkage rules record`"
    )


def _inline(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in name.split(";"):
        key, _, value = part.partition("=")
        found[key.strip()] = (
            [one.strip() for one in value.split(",") if one.strip()]
            if key.strip() == "profiles"
            else value.strip()
        )
    return found


def _table(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleSetError(f"the rule set {path} cannot be read: {error}") from error
    for key in ("holidays", "units"):
        if isinstance(found.get(key), str):
            found[key] = str(path.parent / found[key])  # as the file says it, from where the file is
    return found


def _changed(said: Mapping[str, Any], settings: Settings, name: str) -> Rulebook:
    unknown = sorted(said.keys() - set(_KEYS))
    if unknown:
        raise RuleSetError(f"{name}: {unknown[0]!r} is not known in a rule set; use {', '.join(_KEYS)}")
    changes: dict[str, Any] = {}
    if "profiles" in said:
        changes["profiles"] = _profiles(said["profiles"], name)
    for key in ("holidays", "units"):
        if key in said:
            changes[key] = Path(said[key]) if said[key] else None
    rulebook = read_rulebook(settings.model_copy(update=changes))
    if "settling_seconds" not in said:
        return rulebook
    settling = timedelta(seconds=_seconds(said["settling_seconds"], name))
    return replace(rulebook, settling=settling)


def _profiles(said: object, name: str) -> frozenset[str]:
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise RuleSetError(f"{name}: profiles is a list of names, not {said!r}")
    known = known_profiles()
    for one in said:
        if one not in known:
            raise RuleSetError(
                f"{name}: no rule has the profile {one!r}; there are {', '.join(sorted(known))}"
            )
    return frozenset(said)


def _seconds(said: object, name: str) -> float:
    try:
        seconds = float(str(said))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86400:
        raise RuleSetError(f"{name}: settling_seconds is a number from 0 to 86400, not {said!r}")
    return seconds


def _recorded(path: Path) -> Recorded:
    try:
        head, *lines = path.read_bytes().splitlines()
        if orjson.loads(head).get("format") != FORMAT:
            raise RuleSetError(f"{path} is no file of `linkage rules record`: its first line lacks {FORMAT}")
        cases = [_CASE.validate_json(line) for line in lines]
        rules = _RULES.validate_python(orjson.loads(head)["rules"])
    except (OSError, ValueError, KeyError, AttributeError) as error:
        if isinstance(error, RuleSetError):
            raise
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise RuleSetError(f"the decisions in {path} cannot be read: {reason}") from error
    return Recorded(rules, {case.id: case for case in cases})


def recorded_lines(rulebook: Rulebook, cases: Iterable[DecidedCase]) -> Iterator[bytes]:
    """The lines of a file of decisions, which `read_rule_set` reads again."""
    yield orjson.dumps({"format": FORMAT, "rules": rule_set(rulebook)})
    yield from (orjson.dumps(case) for case in cases)


def name_of(side: Rulebook | Recorded) -> RuleSet:
    """What names the rules of either kind."""
    return side.rules if isinstance(side, Recorded) else rule_set(side)
