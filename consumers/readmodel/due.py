"""The route that counts a statutory limit: any unit may ask, nothing about a case is in the question or the answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from consumers.handovers.counting import Question, UncountableError, as_json, count
from consumers.rulebook import Rulebook
from infra.callers import CallingUnit
from infra.problems import MALFORMED, ProblemError

_MOST_PROFILES = 20
_Text = Annotated[str, Query(max_length=100)]


def router(rulebook: Rulebook) -> APIRouter:
    """The route, with this installation's calendar, profiles and sign-offs."""
    routes = APIRouter(tags=["read"])

    @routes.get("/v1/due", summary="When a statutory limit is due, with every step of the count")
    def due(
        *,
        unit: CallingUnit,  # noqa: ARG001  (any unit may ask)
        rule: Annotated[str, Query(max_length=100, description="code of the limit, such as O310-08")],
        start: Annotated[
            str, Query(alias="from", max_length=100, description="a day, or a time with offset")
        ],
        field: _Text = "",
        version: _Text = "",
        profile: Annotated[list[_Text] | None, Query(max_length=_MOST_PROFILES)] = None,
    ) -> dict[str, Any]:
        """The same answer as `linkage due --json`."""
        question = Question(rule, start, field, version, rulebook.profiles | frozenset(profile or ()))
        try:
            return as_json(rule, count(question, rulebook.calendar.newest, rulebook.signed))
        except UncountableError as error:
            raise ProblemError(MALFORMED, f"{error.asked}: {error}") from None

    return routes
