"""How somebody likes to read: language, light or dark, size of the type. Asked for in the address, kept in a cookie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from consumers.console.words import Language

THEMES = ("auto", "light", "dark")
SIZES = ("normal", "large")  # 关怀版
KEPT: Mapping[str, tuple[str, ...]] = {"lang": tuple(Language), "theme": THEMES, "size": SIZES}
_YEAR_SECONDS = 365 * 24 * 3600


def chosen(
    name: str, query: Mapping[str, str], cookies: Mapping[str, str], accepted: tuple[str, ...], default: str
) -> str:
    """What the address asks for, else what the cookie keeps, else the default; never anything not accepted."""
    asked = (query.get(name), cookies.get(f"linkage_{name}"))
    return next((value for value in asked if value in accepted), default)


def to_keep(query: Mapping[str, str], *, https: bool) -> Iterable[str]:
    """The Set-Cookie lines for what an address asks for."""
    secure = "; Secure" if https else ""
    for name, accepted in KEPT.items():
        if query.get(name) in accepted:
            yield (
                f"linkage_{name}={query[name]}; Path=/; Max-Age={_YEAR_SECONDS}; HttpOnly; SameSite=Lax{secure}"
            )
