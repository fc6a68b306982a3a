"""Markdown pages taken apart for the tests of the documentation: headings, code, links and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_ROW = re.compile(r"^\|(.+)\|$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One fenced block of code."""

    language: str
    text: str


@dataclass(frozen=True)
class Section:
    """What stands under one heading, up to the next one of any level."""

    level: int
    title: str
    text: str

    @property
    def spans(self) -> list[str]:
        """The pieces of code within sentences and tables."""
        return _SPAN.findall(_FENCE.sub("", self.text))

    @property
    def rows(self) -> list[list[str]]:
        """The rows of its tables without their heads, cell by cell."""
        cells = [[cell.strip() for cell in row.split("|")] for row in _ROW.findall(_FENCE.sub("", self.text))]
        heads = {n - 1 for n, row in enumerate(cells) if set("".join(row)) <= set("-: ")}
        return [row for n, row in enumerate(cells) if n not in heads and n - 1 not in heads]


@dataclass(frozen=True)
class Page:
    """One page. `name` is its path in the repository."""

    name: str
    text: str

    @property
    def folder(self) -> Path:
        """The folder that its links start from."""
        return (ROOT / self.name).parent

    @cached_property
    def prose(self) -> str:
        """The page without its fenced blocks."""
        return _FENCE.sub("", self.text)

    @cached_property
    def blocks(self) -> list[Block]:
        """Its fenced blocks in order."""
        return [Block(language, text) for language, text in _FENCE.findall(self.text)]

    @cached_property
    def spans(self) -> list[str]:
        """The pieces of code within its sentences and tables."""
        return _SPAN.findall(self.prose)

    @cached_property
    def sections(self) -> list[Section]:
        """Its sections in order; what stands before the first heading is left out."""
        # A `#` in a block of code is a comment, not a heading: keep the blocks' places, not their text.
        hidden = _FENCE.sub(lambda block: re.sub(r"[^\n]", "~", block[0]), self.text)
        heads = list(_HEADING.finditer(hidden))
        ends = [head.start() for head in heads[1:]] + [len(self.text)]
        return [
            Section(len(head[1]), head[2], self.text[head.end() : end])
            for head, end in zip(heads, ends, strict=True)
        ]

    @cached_property
    def links(self) -> list[str]:
        """The targets of its links."""
        return _LINK.findall(self.prose)

    @cached_property
    def anchors(self) -> set[str]:
        """The names by which its headings can be linked to."""
        return {re.sub(r"[^\w\- ]", "", section.title.lower()).replace(" ", "-") for section in self.sections}

    @cached_property
    def commands(self) -> list[str]:
        """Every line of shell code and every piece of code in a sentence."""
        shell = [block.text.replace("\\\n", " ") for block in self.blocks if block.language == "sh"]
        return [line.strip() for text in shell for line in text.splitlines()] + self.spans


def read(name: str) -> Page:
    """The page at a path of the repository."""
    return Page(name, (ROOT / name).read_text("utf-8"))


def pages() -> Iterator[Page]:
    """Every page that a reader of the project is shown."""
    for path in [
        *sorted(ROOT.glob("*.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        ROOT / "tests/cases/README.md",
    ]:
        yield read(path.relative_to(ROOT).as_posix())
