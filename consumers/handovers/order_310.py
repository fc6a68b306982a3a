"""Limits of Order 310: the revision of 2020 changed none of the numbers, so one line makes both versions."""

from __future__ import annotations

from consumers.handovers.duty import Duty
from consumers.handovers.periods import Period
from consumers.handovers.statute import Statute
from consumers.handovers.texts import ORDER_2001, ORDER_2020, SINCE_2001, SINCE_2020, UP
from consumers.sources import Mark
from schemas.units import Role


def order_310(
    code: str, duty: Duty, article: str, period: Period, *, zh: str, en: str,
    breach: str, up: tuple[Role, ...] = UP, also: tuple[str, ...] = (), announces: str | None = None,
) -> tuple[Statute, Statute]:  # fmt: skip
    """Both versions of one limit of Order 310."""
    now, before = f"{ORDER_2020}{article}", f"{ORDER_2001}{article}"
    return (
        Statute(
            code, "2020", duty, zh, en, period, now, Mark.VERIFIED, SINCE_2020,
            also=also, breach=breach, escalate_to=up, announces=announces, order_310=True,
        ),
        Statute(
            code, "2001", duty, zh, en, period, before, Mark.VERIFIED, SINCE_2001, SINCE_2020,
            breach=breach, escalate_to=up, announces=announces, order_310=True,
        ),
    )  # fmt: skip
