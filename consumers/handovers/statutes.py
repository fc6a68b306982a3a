"""The table of limits. `linkage due` counts by it, docs/statutes.md shows it, every clock names its row.

Marks: V the article was read in a full text · V~ seen in a quotation or report · M known from memory only, off
until its profile is turned on · D decided by us, such as an office's own target (内部时限). Rows of one duty
exclude each other: the first that fits the start's date, field, offence and the office's profiles is the limit.
A row once used stays: clocks in the log name it.
"""

from __future__ import annotations

from consumers.handovers.disputes import DISPUTES
from consumers.handovers.entries import ENTRIES
from consumers.handovers.on_request import ON_REQUEST
from consumers.handovers.statute import Statute
from consumers.handovers.statutes_interest import INTEREST
from consumers.handovers.statutes_prosecution import PROSECUTION
from consumers.handovers.statutes_supervision import SUPERVISION
from consumers.handovers.statutes_transfer import TRANSFER
from consumers.handovers.targets import TARGETS

STATUTES: tuple[Statute, ...] = (
    *TRANSFER,
    *SUPERVISION,
    *DISPUTES,
    *PROSECUTION,
    *INTEREST,
    *ENTRIES,
    *TARGETS,
    *ON_REQUEST,
)

BY_KEY: dict[tuple[str, str], Statute] = {row.key: row for row in STATUTES}
"""Every row by (code, version), as a clock names it."""
