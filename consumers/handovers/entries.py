"""Entering on the shared platform (信息共享平台): what was decided elsewhere must be reported within days."""

from __future__ import annotations

from consumers.handovers.duty import Duty, Start
from consumers.handovers.periods import calendar_days
from consumers.handovers.statute import Statute
from consumers.handovers.texts import (
    ENVIRONMENT,
    ENVIRONMENT_2017,
    ENVIRONMENTAL,
    LINKAGE,
    LINKAGE_2021,
)
from consumers.sources import Mark
from schemas.units import Role


def _said(*types: str) -> tuple[Start, ...]:
    return tuple(Start(type_, speaker=True) for type_ in types)


ENTER_DECISIONS = Duty(
    "enter-decisions",
    Role.CRIMINAL,
    starts=_said(
        "supervision.reasons_requested",
        "supervision.file_ordered",
        "supervision.concluded",
        "supervision.corrected",
        "opinion.to_transfer_issued",
        "case.arrest_approved",
        "case.prosecuted",
        "case.not_prosecuted",
    ),
    stops=(),
    restarts=True,
    entered_by_report=True,
)
ENTER_STEPS = Duty(
    "enter-steps",
    Role.AGENCY,
    starts=_said("admin_case.penalised", "transfer.sent", "transfer.on_site_handed", "items.handed_over"),
    stops=(),
    restarts=True,
    entered_by_report=True,
)

ENTRIES: tuple[Statute, ...] = (
    Statute(
        "SPP21-16", "2021", ENTER_DECISIONS,
        "检察机关录入信息共享平台", "Procuratorate enters its decisions on the platform",
        calendar_days(7), f"{LINKAGE}第16条", Mark.MEMORY, LINKAGE_2021, profile="spp21-16",
    ),
    Statute(
        "ENV-17-entry", "2017", ENTER_STEPS,
        "环境案件录入信息共享平台", "Agency enters its steps on the platform, environment",
        calendar_days(7), ENVIRONMENT, Mark.MEMORY, ENVIRONMENT_2017, profile="env-17", fields=ENVIRONMENTAL,
    ),
)  # fmt: skip
