"""The READMEs show the pictures that one command takes, each in its language, and no other."""

from __future__ import annotations

import re

import pytest

from tests.consumers.console.pictures import FOLDER, LANGUAGES, PICTURES

ROOT = FOLDER.parents[1]
LARGEST_BYTES = 200_000


@pytest.mark.parametrize(("readme", "language"), [("README.zh-CN.md", "zh-CN"), ("README.md", "en")])
def test_a_readme_shows_the_pictures_of_its_language(readme, language):
    shown = re.findall(r"docs/images/(console-\S+\.png)", (ROOT / readme).read_text("utf-8"))
    assert shown == [picture.file(language) for picture in PICTURES]


def test_every_picture_is_small_and_of_some_page():
    made = {picture.file(language) for picture in PICTURES for language in LANGUAGES}
    kept = {file.name: file.stat().st_size for file in FOLDER.glob("console-*.png")}
    assert kept.keys() == made
    assert max(kept.values()) <= LARGEST_BYTES
