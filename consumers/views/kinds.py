"""The views of an event as two tables: which reader gets which view, and what each view shows, masks or leaves out.

Personal information is disclosed as far as the reader's own task needs it, and no further (《个人信息保护法》第6条
and 第34条, from memory: the table is ours, mark D). Organisations are no private persons: their names are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from consumers.decisions import Delivery
from schemas.units import Role


class View(StrEnum):
    """What a reader gets of an event; the `linkage-view` header of a feed record."""

    FULL = "full"
    HANDLING = "handling"
    SUPERVISING = "supervising"
    OUTCOME = "outcome"
    OUTLINE = "outline"


class Treatment(StrEnum):
    """What a view does with a piece of content."""

    SHOW = "show"
    MASK = "mask"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Row:
    """One view: for which purpose it is given, and how it treats each kind of content.

    `restricted` are the fields of that sensitivity. Everything else is personal: `names` of private persons,
    their `numbers`, and `texts` that may tell anything about them. `juveniles`, `victims` and `informants`
    are persons in these positions, for whom the stricter of the two treatments holds.
    """

    view: View
    zh: str
    en: str
    purpose_zh: str
    purpose_en: str
    names: Treatment
    numbers: Treatment
    texts: Treatment
    restricted: Treatment
    juveniles: Treatment
    victims: Treatment
    informants: Treatment


_SHOW, _MASK, _DROP = Treatment.SHOW, Treatment.MASK, Treatment.DROP

VIEWS: dict[View, Row] = {
    row.view: row
    for row in (
        Row(
            View.FULL,
            "全文",
            "everything",
            "办理案件",
            "to act in the case",
            names=_SHOW,
            numbers=_SHOW,
            texts=_SHOW,
            restricted=_SHOW,
            juveniles=_SHOW,
            victims=_SHOW,
            informants=_SHOW,
        ),
        Row(
            View.HANDLING,
            "承办",
            "for who must act",
            "履行行政执法职责",
            "to do what the event asks of an administrative organ",
            names=_SHOW,
            numbers=_SHOW,
            texts=_SHOW,
            restricted=_DROP,
            juveniles=_SHOW,
            victims=_SHOW,
            informants=_DROP,
        ),
        Row(
            View.SUPERVISING,
            "监督",
            "for supervision",
            "法律监督、协同办案",
            "to supervise or follow a case",
            names=_SHOW,
            numbers=_SHOW,
            texts=_SHOW,
            restricted=_DROP,
            juveniles=_MASK,
            victims=_MASK,
            informants=_DROP,
        ),
        Row(
            View.OUTCOME,
            "反馈",
            "for the outcome",
            "知悉本单位移送案件的进展和结果",
            "to learn what became of what one said",
            names=_SHOW,
            numbers=_MASK,
            texts=_SHOW,
            restricted=_DROP,
            juveniles=_MASK,
            victims=_MASK,
            informants=_DROP,
        ),
        Row(
            View.OUTLINE,
            "概要",
            "outline",
            "知悉、统计",
            "to know that it happened",
            names=_MASK,
            numbers=_DROP,
            texts=_DROP,
            restricted=_DROP,
            juveniles=_DROP,
            victims=_DROP,
            informants=_DROP,
        ),
    )
}
"""What each view does. A view never shows what a stricter one further down shows only masked: a test says so."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: units that get an event as one of `deliveries` in one of `roles` get this `view`."""

    deliveries: frozenset[Delivery]
    roles: frozenset[Role]
    view: View


CASE_ORGANS = frozenset(
    {
        Role.POLICE,
        Role.CRIMINAL,
        Role.ADMINISTRATIVE,
        Role.CIVIL,
        Role.PUBLIC_INTEREST,
        Role.SUPERVISION,
        Role.COURT,
    }
)
"""Organs that investigate, prosecute, judge or supervise: they act on persons by law."""

_ACTS = frozenset({Delivery.DUTY, Delivery.MIRROR})
_HEARS = frozenset({Delivery.RESULT, Delivery.ALARM})

READERS: tuple[Reader, ...] = (
    Reader(_ACTS, CASE_ORGANS, View.FULL),
    Reader(_ACTS, frozenset(Role), View.HANDLING),
    Reader(frozenset(Delivery), CASE_ORGANS, View.SUPERVISING),
    Reader(_HEARS, frozenset({Role.AGENCY}), View.OUTCOME),
)
"""The first row that fits holds; whoever fits none gets the outline."""


def _readers() -> dict[tuple[str, str], View]:
    chosen: dict[tuple[str, str], View] = {}
    for reader in READERS:
        for delivery in reader.deliveries:
            for role in reader.roles:
                chosen.setdefault((delivery, role), reader.view)
    return chosen


_VIEW_OF = _readers()


def view_of(delivery: str, role: str) -> View:
    """The view for a unit that gets an event as `delivery` in `role`, by their codes. What is unknown gets least."""
    return _VIEW_OF.get((delivery, role), View.OUTLINE)
