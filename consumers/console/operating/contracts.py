"""The page of contracts: every event type with its versions, and whether an edited contract would break anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from avro.errors import AvroException
from avro.schema import make_avsc_object
from fastapi import APIRouter, Form
from fastapi.responses import Response

from consumers.console.desk import Console, CurrentVisit
from consumers.console.gate import RefusedError
from consumers.console.rendering import page
from consumers.views.fields import contract_of
from schemas.catalogue import BY_NAME, EVENT_TYPES
from schemas.compatibility import Change, altered, fields_of, unreadable

_LONGEST = 200_000
Broken = tuple[str, Change]
"""The field at which something breaks (empty: the record itself), and what."""


class UnreadableError(ValueError):
    """A text that is no contract of an event: which phrase of `contracts` says why, and where or at what."""

    def __init__(self, phrase: str, detail: str = "") -> None:
        super().__init__(f"{phrase}: {detail}")
        self.phrase = phrase
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Judged:
    """What would break if the contract took the place of its latest version, and if it became the next one."""

    in_place: Sequence[Broken]
    as_new: Sequence[Broken]


@dataclass(frozen=True, slots=True)
class Versions:
    """An event type and its versions with their ids, the latest last; `fields` of that one, at every depth."""

    name: str
    versions: Sequence[tuple[int, int]]
    fields: int


def judge(name: str, told: str) -> Judged:
    """The contract in `told` held against every released version of the event type. Raises UnreadableError."""
    contract = _read(told)
    known = [contract_of(one) for one in EVENT_TYPES if one.name == name]
    try:
        in_place = list(altered(known[-1], contract))
        as_new = [change for version in known for change in unreadable(contract, version)]
    except KeyError as error:
        raise UnreadableError("incomplete", str(error.args[0])) from None
    except (TypeError, ValueError) as error:
        raise UnreadableError("no_avro", str(error)) from None
    return Judged(in_place, list(dict.fromkeys(as_new)))


def versions() -> list[Versions]:
    """Every event type, by its name."""
    return [
        Versions(
            name,
            [(one.version, one.schema_id) for one in EVENT_TYPES if one.name == name],
            len(fields_of(contract_of(BY_NAME[name]))),
        )
        for name in sorted(BY_NAME)
    ]


def router(console: Console) -> APIRouter:
    """The routes of contracts."""
    routes = APIRouter()

    def shown(visit: CurrentVisit, *, status: int = 200, **values: object) -> Response:
        told: dict[str, object] = {"wanted": "", "text": "", "judged": None, "problem": None}
        return page(console, visit, "contracts.html", status=status, types=versions(), **(told | values))

    @routes.get("/streams/contracts")
    def contracts(visit: CurrentVisit) -> Response:
        return shown(visit)

    @routes.post("/streams/contracts")
    def contract_check(
        visit: CurrentVisit,
        type: Annotated[str, Form(max_length=100)] = "",  # noqa: A002 - the name in the form
        contract: Annotated[str, Form(max_length=_LONGEST)] = "",
    ) -> Response:
        if type not in BY_NAME:
            raise RefusedError(400, "error.address")
        try:
            return shown(visit, wanted=type, text=contract, judged=judge(type, contract))
        except UnreadableError as error:
            return shown(visit, status=400, wanted=type, text=contract, problem=error)

    return routes


def _read(told: str) -> Mapping[str, Any]:
    try:
        contract = json.loads(told)
        make_avsc_object(contract)
    except json.JSONDecodeError as error:
        raise UnreadableError("no_json", f"{error.lineno}:{error.colno}") from None
    except (ValueError, AvroException, RecursionError) as error:
        raise UnreadableError("no_avro", str(error)) from None
    if not isinstance(contract, dict) or contract.get("type") != "record":
        raise UnreadableError("no_record")
    return contract
