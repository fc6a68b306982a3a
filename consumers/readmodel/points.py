"""The open points of the law on which a clock rests, as readers see them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from consumers.handovers.open_points import Answered, answers_for, words_of
from consumers.handovers.statutes import BY_KEY
from consumers.readmodel.views import OpenPointView, SignedView
from consumers.rulebook import Rulebook


def points_in(rulebook: Rulebook) -> Callable[[str, str], Sequence[OpenPointView]]:
    """From the rule and version of a clock to its open points; each row is looked at once."""

    @cache
    def points(rule: str, version: str) -> Sequence[OpenPointView]:
        return tuple(
            _view(one) for one in answers_for(BY_KEY[rule, version], rulebook.profiles, rulebook.signed)
        )

    return points


def _view(one: Answered) -> OpenPointView:
    zh, en = words_of(one)
    by = one.signed
    signed = None if by is None else SignedView(by.who, by.when, by.reference)
    return OpenPointView(one.point.code, one.choice.code, zh, en, signed)
