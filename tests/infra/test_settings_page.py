"""docs/settings.md says what the settings are."""

from __future__ import annotations

import re
from pathlib import Path

import infra
from infra.settings import Settings
from infra.settings_page import PAGE, settings_page

CODE = Path(infra.__file__).parent


def test_the_page_is_what_the_settings_give():
    assert PAGE.read_text() == settings_page(), "run `make generate`"


def test_every_setting_has_a_description():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_variable_that_the_code_names_is_on_the_page():
    code = "".join(path.read_text() for path in CODE.rglob("*.py") if path.name != "settings_page.py")
    named = set(re.findall(r"\bLINKAGE_[A-Z_]+[A-Z]\b", code))
    assert named - set(re.findall(r"`(LINKAGE_[A-Z_]+)`", PAGE.read_text())) == set()
