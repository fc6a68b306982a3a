"""`docs/rights.md`, made from the table of rights: `python -m infra.grants_page`."""

from __future__ import annotations

import sys
from pathlib import Path

from infra.grants import PROCESSES, grants_table, unit_grants, unit_principal

PAGE = Path(__file__).parent.parent / "docs" / "rights.md"
_UNIT = "CODE"


def rights_page() -> str:
    """The page as Markdown: the rights of each process, and those of a unit."""
    processes = [(name, grant) for name, grants in PROCESSES.items() for grant in grants]
    unit = [(unit_principal(_UNIT), grant) for grant in unit_grants(_UNIT)]
    return "\n".join(
        [
            "<!-- Made by `make generate` from infra/grants.py. -->",
            "# Rights on Kafka",
            "",
            "Everything that somebody may do on the brokers; what is not here is refused. Names stand without",
            "the installation's namespace. `*` means every name that begins so. READ and WRITE include DESCRIBE.",
            "Nobody has a right on transactional ids or on IDEMPOTENT_WRITE. [Security](security.md) tells how",
            "it is put in force.",
            "",
            "## The bus's own processes",
            "",
            grants_table(processes),
            "",
            "## A unit",
            "",
            f"`{_UNIT}` is the unit's code in the register.",
            "",
            grants_table(unit),
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(rights_page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}\n")
