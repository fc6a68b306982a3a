"""What the table of offences (罪名) says of each, and the reasons why one is likely to hold a public-interest lead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offence:
    """One offence by its Chinese name. `article` is that of the Criminal Law, `141` or `134(2)` or `219-1` (之一).

    `public_interest` says why a lead is likely, or is None.

    `also` holds names that decisions use for it: single acts of a selective offence (选择性罪名), short
    forms, and names from before an amendment.
    """

    zh: str
    article: str
    en: str
    fields: frozenset[str]
    economic: bool = False
    public_interest: str | None = None
    also: tuple[str, ...] = ()


def within(*fields: str) -> frozenset[str]:
    """The fields (领域) in which agencies meet an offence."""
    return frozenset(fields)


POLLUTION = "harm to the environment: restoration and damages (生态环境和资源保护)"
RESOURCES = "harm to natural resources: restoration and damages (生态环境和资源保护)"
CONSUMERS = "unsafe goods among many consumers: recall, warning, damages (食品药品安全)"
SAFETY = "continuing danger to the public: supervision of safety at work (安全生产)"
STATE_MONEY = "loss of state property or unpaid public dues (国有财产保护)"
PERSONAL_DATA = "personal data of many people (个人信息保护)"
RELICS = "harm to cultural relics (文物保护)"
