"""What names a set of rules: digests of the tables as their pages show them and of the register, and the settings."""

from __future__ import annotations

import hashlib
from functools import cache

from consumers.documents.documents_page import documents_page
from consumers.explaining.account import RuleSet
from consumers.handovers.statutes_page import statutes_page
from consumers.opinions.mirrors_page import page as mirrors_page
from consumers.rulebook import Rulebook
from consumers.thresholds.thresholds_page import thresholds_page
from consumers.transfers.routing_page import page as routing_page
from schemas.units import Register


def rule_set(rulebook: Rulebook) -> RuleSet:
    """The name of `rulebook` together with this program's tables. The same content gives the same name."""
    return RuleSet(
        tables=tables_digest(),
        calendar=rulebook.calendar.version,
        units=_register_digest(rulebook.register),
        profiles=tuple(sorted(rulebook.profiles)),
        settling_seconds=rulebook.settling.total_seconds(),
    )


@cache
def tables_digest() -> str:
    """Changes if a row of the tables changes: they are compared as the generated pages show them to people."""
    pages = (routing_page(), mirrors_page(), statutes_page(), documents_page(), thresholds_page())
    return _digest("".join(pages))


def _register_digest(register: Register) -> str:
    return _digest(
        "\n".join(
            "\t".join(
                (
                    unit.code, unit.district, unit.superior or "", ",".join(sorted(unit.roles)),
                    ",".join(sorted(unit.fields)),
                )
            )
            for unit in register.units
        )
    )  # fmt: skip


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
