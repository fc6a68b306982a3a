"""The catalogue of phrases is complete in both languages, and says nothing that no page says."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import consumers.console
from consumers.console.access import NAVIGATION, Action, ConsoleRole
from consumers.console.preferences import SIZES, THEMES
from consumers.console.words import Language, Words, catalogue

FOLDER = Path(consumers.console.__file__).parent
_KEY = re.compile(r'["\']([a-z_]+\.[\w~-]+)["\']')
_SPELT = re.compile(r'spell\(["\'](\w+)["\']|\bt\("(\w+)\." ~|words\(f"(\w+)\.\{')
CHINESE = re.compile(r"[一-鿿]")


def _texts():
    for path in sorted([*FOLDER.rglob("*.html"), *FOLDER.rglob("*.py")]):
        yield path, path.read_text("utf-8")


def _used() -> set[str]:
    return {key for _, text in _texts() for key in _KEY.findall(text) if key in catalogue()}


def _sections_by_code() -> set[str]:
    """Sections whose keys are codes that the code makes up at run time."""
    return {section for _, text in _texts() for found in _SPELT.findall(text) for section in found if section}


def test_every_phrase_is_in_both_languages_with_the_same_gaps():
    wrong = [
        key
        for key, (zh, en) in catalogue().items()
        if not zh.strip() or not en.strip() or _gaps(zh) != _gaps(en)
    ]
    assert wrong == []


def _gaps(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


def test_chinese_is_chinese_and_english_is_not():
    names_itself = {"common.other_language", "case.comma"}
    wrong = [
        key
        for key, (zh, en) in catalogue().items()
        if key not in names_itself and (not CHINESE.search(zh) or CHINESE.search(en))
    ]
    assert wrong == []


def test_every_phrase_that_a_page_asks_for_is_there():
    asked = {key for _, text in _texts() for key in re.findall(r'\bt\("([a-z_]+\.[\w~-]+)"', text)}
    assert asked - set(catalogue()) == set()


def test_no_phrase_is_left_over():
    by_code = _sections_by_code()
    left = {key for key in catalogue() if key.split(".")[0] not in by_code} - _used()
    assert left == set()


def test_no_template_holds_a_word_of_its_own():
    told = {
        path.name: found
        for path, text in _texts()
        if path.suffix == ".html" and (found := CHINESE.findall(text))
    }
    assert told == {}


@pytest.mark.parametrize("language", Language)
def test_every_code_that_pages_show_has_a_word(language):
    words = Words(language)
    for section, codes in (
        ("role", ConsoleRole),
        ("action", [one for one in Action if one]),
        ("theme", THEMES),
        ("held", ("refused", "parked", "conflict")),
    ):
        assert [code for code in codes if not words.known(f"{section}.{code}")] == []
    assert [entry for entry in NAVIGATION if not words.known(entry.words)] == []
    assert [size for size in SIZES if not words.known(f"size.{size}")] == []
