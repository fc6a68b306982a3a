"""What others wrote stands here as they published it, and nothing is loaded from anywhere else."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from consumers.console.rendering import STATIC, TEMPLATES

VENDORS = (STATIC / "vendor", Path(__file__).with_name("vendor"))


@pytest.mark.parametrize("folder", VENDORS, ids=lambda folder: folder.parent.name)
def test_every_file_is_listed_with_its_sum_and_its_licence(folder):
    rows = tomllib.loads((folder / "vendor.toml").read_text("utf-8"))["file"]
    sums = {row["name"]: row["sha256"] for row in rows}
    there = {path.name for path in folder.iterdir() if path.suffix in (".js", ".css")}
    assert there == sums.keys()
    assert sums == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sums}
    assert [row["name"] for row in rows if not (folder / row["licence_file"]).exists()] == []


def test_no_page_names_another_host_or_carries_scripts_or_styles_of_its_own():
    own = [*TEMPLATES.glob("*.html"), *STATIC.glob("*.js"), *STATIC.glob("*.css")]
    foreign = re.compile(
        r"https?://(?!www\.w3\.org)|<script(?![^>]*\bsrc=)|\bstyle=|\bon[a-z]+=\"|javascript:"
    )
    assert {path.name: found for path in own if (found := foreign.findall(path.read_text("utf-8")))} == {}
