"""The kinds of document (文书) of the linkage work, and how a document that an agency lists is recognised as one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_REMARK = re.compile(r"（[^（）]*）|\([^()]*\)|〔[^〔〕]*〕|\[[^\[\]]*\]|[《》“”\s]")


@dataclass(frozen=True, slots=True, eq=False)
class DocumentKind:
    """One kind. A document is of it if its kind or title ends with one of `endings` or contains one of `words`.

    Offices write the kind in their own words (移送书, 案件移送书, 涉嫌犯罪案件移送书); remarks in brackets and
    numbers do not matter for an ending.
    """

    zh: str
    en: str
    endings: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def fits(self, document: Mapping[str, Any]) -> bool:
        """Whether `document`, an entry of an event's `documents`, is of this kind. Its kind counts first."""
        return self.among((document,))

    def among(self, documents: Sequence[Mapping[str, Any]]) -> bool:
        """Whether one of the documents is of this kind."""
        # Kinds are few and said again and again; titles are all different, and looked at only if no kind tells.
        return any(_is_called(self, str(one.get("kind") or "")) for one in documents) or any(
            self._named(str(one.get("title") or "")) for one in documents
        )

    def _named(self, text: str) -> bool:
        if any(word in text for word in self.words):
            return True
        return _REMARK.sub("", text).endswith((self.zh, *self.endings))


@lru_cache(maxsize=4096)
def _is_called(kind: DocumentKind, text: str) -> bool:
    return kind._named(text)  # noqa: SLF001  (of this very class, with its answers kept)


TRANSFER_LETTER = DocumentKind(
    "涉嫌犯罪案件移送书", "transfer letter", ("移送书", "移送函", "移送涉嫌犯罪案件函")
)
INVESTIGATION_REPORT = DocumentKind(
    "涉嫌犯罪案件情况的调查报告", "investigation report", ("调查报告", "调查终结报告")
)
ARTICLE_LIST = DocumentKind(
    "涉案物品清单", "list of the articles", ("物品清单", "财物清单", "扣押清单", "物品交接清单")
)
TEST_REPORT = DocumentKind(
    "检验报告或者鉴定意见",
    "test report or expert opinion",
    (
        "检验报告",
        "检测报告",
        "监测报告",
        "检验检测报告",
        "鉴定报告",
        "评估报告",
        "鉴定意见",
        "鉴定意见书",
        "鉴定结论",
        "鉴定结果",
        "鉴定证明",
        "司法鉴定",
        "认定意见",
        "认定书",
        "价格认定",
        "结论书",
        "评估意见",
        "专家意见",
    ),
)
OTHER_MATERIAL = DocumentKind(
    "其他有关涉嫌犯罪的材料", "other material on the suspected crime", ("其他材料",)
)
QUALIFICATION = DocumentKind("检验鉴定机构资质证明", "proof of the tester's qualification", words=("资质",))
EVIDENCE = DocumentKind(
    "现场照片、询问笔录、电子数据、视听资料、认定意见、责令整改通知书等证据材料",
    "evidence: photos, records of interviews, electronic data, recordings, orders to correct",
    ("照片", "笔录", "电子数据", "视听资料", "责令改正通知书", "整改通知书"),
)
PENALTY_DECISION = DocumentKind("行政处罚决定书", "penalty decision", ("处罚决定书",))
HANDOVER_SLIP = DocumentKind("现场移交单", "slip of the hand-over on site", ("移交单",))
HANDOVER_LIST = DocumentKind(
    "涉案物品移交清单", "list of the articles handed over", ("交接清单", "移交清单", "交接笔录")
)


def plain(zh: str, en: str, *endings: str) -> DocumentKind:
    """A kind that is known by its own name and, if given, by other endings."""
    return DocumentKind(zh, en, endings)
