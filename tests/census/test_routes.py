"""The tables of routing, tracks and mirrors: complete, in use, known by name, and as the page shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from consumers.bulletins.figures_page import figures_page
from consumers.opinions.mirrors import MIRRORS
from consumers.opinions.mirrors_page import page as mirrors_page
from consumers.opinions.offences_page import offences_page
from consumers.sources import Mark, Source
from consumers.transfers.history import TRACKED
from consumers.transfers.recipients import RESOLVE, To
from consumers.transfers.routes import BY_CLOCK, ROUTES, UNHEARD, Route
from consumers.transfers.routing_page import page as routing_page
from consumers.transfers.side_tracks import SIDE_TRACKS, SideTrack
from consumers.transfers.states import FORWARD_STATES, NO_STATE, REVERSE_STATES
from consumers.transfers.takes import TAKES
from consumers.transfers.transitions import FORWARD, OWN_START, REVERSE, Move
from schemas.catalogue import BY_NAME

DOCS = Path(__file__).parents[2] / "docs"


def routed() -> set[str]:
    return {event for route in ROUTES for event in route.events}


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_event_has_a_recipient_or_a_reason_for_none(name: str) -> None:
    assert [name in routed(), name in UNHEARD, name in BY_CLOCK].count(True) == 1


def test_no_table_names_an_event_that_does_not_exist() -> None:
    named = routed() | set(UNHEARD) | BY_CLOCK | set(TRACKED)
    named |= {event for row in MIRRORS for event in (*row.events, *row.first_of)}
    named |= {
        name for track in SIDE_TRACKS for step in track.steps for name in (step.event, step.needs) if name
    }
    assert named <= BY_NAME.keys()


def test_every_recipient_can_be_found() -> None:
    assert RESOLVE.keys() == set(To) - {To.HEARERS, To.DUTY_HEARERS}


def test_every_recipient_is_named_by_a_row() -> None:
    assert {to for route in ROUTES for to in route.to} == set(To)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.events[0]}-{route.to[0]}")
def test_a_row_from_memory_is_off_unless_a_profile_turns_it_on(route: Route) -> None:
    assert route.basis.mark is not Mark.MEMORY or route.profile is not None


BASES = {row.basis for row in (*ROUTES, *MIRRORS, *SIDE_TRACKS)}
BASES |= {step.basis for track in SIDE_TRACKS for step in track.steps if step.basis}


@pytest.mark.parametrize("basis", sorted(BASES, key=lambda basis: basis.cited), ids=lambda basis: basis.en)
def test_a_basis_is_shown_to_officials_in_chinese(basis: Source) -> None:
    """No foreign word but a document's number; articles are cited as 第5条, and English has its own field."""
    assert basis.cited == f"{basis.zh} [{basis.mark}]"
    assert basis.cited_en == f"{basis.en} [{basis.mark}]"
    assert not re.search("[A-Za-z]", basis.zh)
    assert not re.search("[\u3000-\u9fff]", basis.en)
    english = re.search(r"arts?\. ([\d(), ]+)", basis.en)
    articles = [] if english is None else re.findall(r"\b\d+(?=\(|,|$)", english[1])
    assert re.findall(r"第(\d+)条", basis.zh) == articles


def test_every_chinese_basis_has_one_english_one() -> None:
    """Stored bases are Chinese; who wants English looks them up."""
    assert len({basis.cited for basis in BASES}) == len(BASES)


def _reachable(moves: Iterable[Move]) -> set[str]:
    return {move.to for move in moves if move.to is not None}


@pytest.mark.parametrize(
    ("moves", "states", "start"),
    [(FORWARD, FORWARD_STATES, "OPEN"), (REVERSE, REVERSE_STATES, NO_STATE)],
    ids=["forward", "reverse"],
)
def test_every_state_is_reached_and_every_state_named_exists(
    moves: tuple[Move, ...], states: tuple[object, ...], start: str
) -> None:
    codes = [state.code for state in states]
    assert len(set(codes)) == len(codes)
    assert _reachable(moves) | {start} == set(codes)
    for move in moves:
        assert set(move.after) | set(move.within) <= set(codes)


@pytest.mark.parametrize("track", SIDE_TRACKS, ids=lambda track: track.code)
def test_a_side_track_reaches_every_state_and_says_what_is_missing_from_every_other(track: SideTrack) -> None:
    codes = [state.code for state in track.states]
    assert codes[0] == NO_STATE
    assert len(set(codes)) == len(codes)
    assert {step.to for step in track.steps} == set(codes[1:])
    for step in track.steps:
        assert set(step.after) | set(step.within) <= set(codes)
        assert not set(step.after) & set(step.within)
        everywhere = set(step.after) | set(step.within) == set(codes)
        assert everywhere == (step.needs is None) == (step.basis is None)


def test_the_first_states_exist() -> None:
    assert set(OWN_START) <= {state.code for state in FORWARD_STATES}


def test_only_the_last_row_of_an_event_is_without_condition() -> None:
    """The first row whose condition holds counts: a row behind one without condition would never be looked at."""
    for moves in (FORWARD, REVERSE):
        for event in {event for move in moves for event in move.events}:
            rows = [move for move in moves if event in move.events]
            assert all(move.when is not None for move in rows[:-1]), event


def test_who_takes_a_role_may_say_the_event_or_be_addressed() -> None:
    for take in TAKES:
        for event in take.events:
            if take.who == "speaker":
                assert take.role in BY_NAME[event].speakers, (event, take.role)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("routing.md", routing_page()),
        ("mirrors.md", mirrors_page()),
        ("offences.md", offences_page()),
        ("figures.md", figures_page()),
    ],
    ids=["routing", "mirrors", "offences", "figures"],
)
def test_the_page_shows_the_tables_as_they_are(name: str, text: str) -> None:
    """After a change of a table: `python -m consumers.transfers.routing_page > docs/routing.md`, mirrors likewise."""
    assert (DOCS / name).read_text(encoding="utf-8") == text
