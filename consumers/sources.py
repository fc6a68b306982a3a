"""Where a row of a rule table comes from, and how sure we are of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a source was read. A row with mark M is off unless a profile of the office turns it on."""

    VERIFIED = "V"  # the article itself was read
    REPORTED = "V~"  # seen as a quotation or report only: good enough to design with, not to cite in court
    MEMORY = "M"  # from memory
    DERIVED = "D"  # our own conclusion or agreement, no text says it


@dataclass(frozen=True, slots=True)
class Source:
    """An article, an agreement or a conclusion of ours, with its mark."""

    text: str
    mark: Mark

    @property
    def cited(self) -> str:
        """The source as a recipient sees it: text and mark."""
        return f"{self.text} [{self.mark}]"
