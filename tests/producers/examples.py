"""Where the examples for other languages are, and what they need on this machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

import producers

EXAMPLES = Path(producers.__file__).with_name("examples")

_PACKAGES = {
    "node": "nodejs",
    "npm": "npm",
    "mvn": "maven",
    "java": "default-jdk",
    "javac": "default-jdk",
    "curl": "curl",
}


def needing(*programs: str) -> None:
    """Skips the test, with what to install, if one of the programs is not there."""
    lacking = [program for program in programs if shutil.which(program) is None]
    if lacking:
        pytest.skip(
            f"the example was not run: {', '.join(lacking)} missing; install it (Debian: {_PACKAGES[lacking[0]]})"
        )


PROGRAMS = {
    "java": [
        "java",
        "-Dstdout.encoding=UTF-8",
        "-Dfile.encoding=UTF-8",
        "-cp",
        "target/classes:target/lib/*",
        "Join",
    ],
    "javascript": ["node", "join.mjs"],
}
"""What runs a built example in its folder."""
_BUILDERS = {
    "java": ["mvn", "-q", "-B", "compile"],
    "javascript": ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"],
}
_NEEDED = {"java": ("mvn", "java", "javac"), "javascript": ("node", "npm")}


def built(language: str, to: Path, said: Mapping[str, str] | None = None) -> Path:
    """The folder of a copy that was built, with new texts in place of old ones, as a programmer writes them in."""
    needing(*_NEEDED[language])
    folder = shutil.copytree(
        EXAMPLES / language, to / language, ignore=shutil.ignore_patterns("node_modules", "target")
    )
    for file in [*folder.rglob("Join.java"), *folder.glob("join.mjs")]:
        text = file.read_text(encoding="utf-8")
        for old, new in (said or {}).items():
            assert old in text, f"{file} does not say {old}"
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        _BUILDERS[language], cwd=folder, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder
