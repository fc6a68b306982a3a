"""What the console says, in Chinese and English: one catalogue, `messages/*.toml`, each phrase in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

MESSAGES = Path(__file__).with_name("messages")


class Language(StrEnum):
    """Languages of the console; the first is the default."""

    ZH = "zh-CN"
    EN = "en"


@cache
def catalogue() -> Mapping[str, tuple[str, str]]:
    """Every phrase by its key, `section.name`: (Chinese, English). A key stands in one file only."""
    phrases: dict[str, tuple[str, str]] = {}
    for file in sorted(MESSAGES.glob("*.toml")):
        for section, entries in tomllib.loads(file.read_text("utf-8")).items():
            for name, (zh, en) in entries.items():
                if f"{section}.{name}" in phrases:
                    raise ValueError(f"{file.name}: {section}.{name} is said twice")
                phrases[f"{section}.{name}"] = (zh, en)
    return MappingProxyType(phrases)


class Words:
    """The phrases in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._column = list(Language).index(language)

    def __call__(self, key: str, **values: object) -> str:
        """The phrase with `values` filled in. KeyError for an unknown key: a test finds those."""
        return catalogue()[key][self._column].format(**values)

    def pick(self, zh: str, en: str) -> str:
        """Whichever of the two is in this language."""
        return (zh, en)[self._column]

    def known(self, key: str) -> bool:
        """Whether there is such a phrase."""
        return key in catalogue()
