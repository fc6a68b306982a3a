"""The offences (罪名) that administrative enforcement meets, with what the rules ask of each.

Names follow the joint interpretations of the Supreme People's Court and the Supreme People's Procuratorate on
the names of offences (罪名的补充规定), up to the eighth, which were read together with the Criminal Law: names and
articles carry mark V. Two columns carry rules:

- `economic`: police review such a transfer within the limits for economic crime (art. 16 of the 2017
  provisions on how police handle economic crime). Which offences count follows the usual division of work
  between police departments; it was not checked against an official list (mark D).
- `public_interest`: why the case is likely to hold a lead for public-interest litigation. The fields in which
  the procuratorate may sue are those of art. 58 of the Civil Procedure Law and art. 25(4) of the
  Administrative Litigation Law; the judgement per offence is ours (mark D) and only decides who gets a copy.
"""

from __future__ import annotations

import re

from schemas.offence import Offence
from schemas.offences_of_goods import OFFENCES_OF_GOODS
from schemas.offences_of_order import OFFENCES_OF_ORDER

OFFENCES: tuple[Offence, ...] = (*OFFENCES_OF_GOODS, *OFFENCES_OF_ORDER)

_BY_NAME: dict[str, Offence] = {name: row for row in OFFENCES for name in (row.zh, *row.also)}
_REMARK = re.compile(r"[（(].*?[）)]")
_SEVERAL = re.compile(r"(?<=罪)[、，,和及;；]")


def find(name: str | None) -> Offence | None:
    """The offence that an agency wrote as `name`; None if the table does not have it, which is no error.

    Remarks in brackets, spaces and a missing 罪 do not matter. Of several offences the first known counts.
    """
    if not name:
        return None
    text = "".join(_REMARK.sub("", name).split())
    for one in (text, f"{text}罪", *_SEVERAL.split(text)):
        if one in _BY_NAME:
            return _BY_NAME[one]
    return None
