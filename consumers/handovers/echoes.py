"""Other texts that give the same limit as a row of `statutes`: their code, what they are and how well each was read."""

from __future__ import annotations

from consumers.handovers.texts import (
    ECONOMIC,
    ENVIRONMENT,
    FILING_SUPERVISION,
    FOOD,
    PENALTY,
    PIL,
    POLICE,
    POLICE_CASES,
    RULES,
    SAFETY,
)
from consumers.sources import Mark

ECHOES: dict[str, tuple[str, Mark]] = {
    "PSB-175": (f"{POLICE}第175条", Mark.VERIFIED),
    "PSB-180a": (f"{POLICE}第180条第1款", Mark.VERIFIED),
    "PSB-181a": (f"{POLICE}第181条第1款", Mark.VERIFIED),
    "PSB-181b": (f"{POLICE}第181条第2款", Mark.VERIFIED),
    "PSB-182a": (f"{POLICE}第182条第1款", Mark.VERIFIED),
    "PSB-182b": (f"{POLICE}第182条第2款", Mark.VERIFIED),
    "PSB-16": (POLICE_CASES, Mark.REPORTED),
    "PSB-16-notify": (POLICE_CASES, Mark.REPORTED),
    "PSB-16-items": (POLICE_CASES, Mark.MEMORY),
    "PR-562": (f"{RULES}第562条", Mark.VERIFIED),
    "PR-373": (f"{RULES}第373条、第375条", Mark.VERIFIED),
    "FS-2010-07": (FILING_SUPERVISION, Mark.REPORTED),
    "FS-2010-09": (FILING_SUPERVISION, Mark.REPORTED),
    "FS-2010-review-decision": (FILING_SUPERVISION, Mark.REPORTED),
    "ECO-15-ordered": (f"{ECONOMIC}第15条", Mark.REPORTED),
    "PIL-20": (f"{PIL}第20条", Mark.VERIFIED),
    "APL-27-reverse": (f"{PENALTY}第27条第1款", Mark.VERIFIED),
    "ENV-17-05b": (ENVIRONMENT, Mark.REPORTED),
    "ENV-17-05c": (ENVIRONMENT, Mark.REPORTED),
    "ENV-17-08": (ENVIRONMENT, Mark.REPORTED),
    "ENV-17-supplement-notify": (ENVIRONMENT, Mark.MEMORY),
    "ENV-17-supplement": (ENVIRONMENT, Mark.MEMORY),
    "ENV-17-items": (ENVIRONMENT, Mark.MEMORY),
    "FOOD-15-items": (FOOD, Mark.REPORTED),
    "SAFE-19-05b": (f"{SAFETY}第7条", Mark.REPORTED),
    "SAFE-19-05c": (f"{SAFETY}第7条", Mark.REPORTED),
}
"""By code: the text, and the mark of that text, whatever the mark of the row."""

PARTS: dict[str, tuple[str, ...]] = {
    "O310-05": ("O310-05b", "O310-05c"),
    "O310-07": ("O310-07b", "O310-07a"),
    "O310-09": ("O310-09a", "O310-09b", "O310-09c"),
    "PSB-180": ("PSB-180a", "PSB-180b-notify", "PSB-180b", "PSB-180c"),
    "PSB-181": ("PSB-181a", "PSB-181b"),
    "PSB-182": ("PSB-182a", "PSB-182b"),
    "FS-2010": ("FS-2010-07", "FS-2010-09", "FS-2010-review", "FS-2010-review-decision"),
    "SPP-2001": (
        "SPP-2001-report",
        "SPP-2001-object",
        "SPP-2001-decide",
        "SPP-2001-review",
        "SPP-2001-review-decision",
    ),
    "PIL-13/20": ("PIL-13", "PIL-20"),
}
"""Codes that stand for an article or a text with several limits: the first is meant unless a part is named."""
