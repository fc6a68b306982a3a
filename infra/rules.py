"""The register, the rulebook and the approved receivers of this installation, from the files that settings name."""

from __future__ import annotations

from collections.abc import Mapping

from consumers.explaining.profiles import require_known
from consumers.handovers.open_points import load_sign_offs
from consumers.rulebook import Rulebook
from consumers.sources import NOBODY, SignOff
from consumers.webhooks.receivers import Receivers, load_receivers
from consumers.workdays import Calendar, load_calendar, published_calendar
from infra.settings import Settings
from schemas.units import Register, RegisterError, load_register


def read_register(settings: Settings) -> Register:
    """The register of units. Raises RegisterError, also when no file is named."""
    if settings.units is None:
        raise RegisterError("LINKAGE_UNITS is not set: name the TOML file with the register of units")
    return load_register(settings.units)


def read_receivers(settings: Settings) -> Receivers:
    """The approved receivers of webhooks. Raises ReceiverError."""
    return load_receivers(settings.webhooks)


def read_calendar(settings: Settings) -> Calendar:
    """The calendar of this installation. Raises CalendarError."""
    return published_calendar() if settings.holidays is None else load_calendar(settings.holidays)


def read_sign_offs(settings: Settings) -> Mapping[str, SignOff]:
    """Who answers for the open points of counting; empty if no file is named. Raises SignOffError."""
    return NOBODY if settings.sign_offs is None else load_sign_offs(settings.sign_offs)


def read_rulebook(settings: Settings) -> Rulebook:
    """The rulebook of this installation. Raises RegisterError, and what `rulebook_with` raises."""
    return rulebook_with(settings, read_register(settings))


def rulebook_with(settings: Settings, register: Register) -> Rulebook:
    """The same with a register that is read already. Raises CalendarError, SignOffError or ProfileError."""
    require_known(settings.profiles)
    return Rulebook(
        register=register,
        calendar=read_calendar(settings),
        settling=settings.settling,
        profiles=settings.profiles,
        signed=read_sign_offs(settings),
    )
