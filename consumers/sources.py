"""Where a row of a rule table comes from, how sure we are of it, and the texts by their official titles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class Mark(StrEnum):
    """How a source was read. A row with mark M is off unless a profile of the office turns it on."""

    VERIFIED = "V"  # the article itself was read
    REPORTED = "V~"  # seen as a quotation or report only: good enough to design with, not to cite in court
    MEMORY = "M"  # from memory
    DERIVED = "D"  # our own conclusion or agreement, no text says it


@dataclass(frozen=True, slots=True)
class Source:
    """An article, an agreement or a conclusion of ours in both languages, with its mark."""

    zh: str
    en: str
    mark: Mark

    @property
    def cited(self) -> str:
        """The source as recipients see it and as it is stored: the Chinese text and the mark."""
        return f"{self.zh} [{self.mark}]"

    @property
    def cited_en(self) -> str:
        """The same in English."""
        return f"{self.en} [{self.mark}]"


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who answers for a choice that the texts leave open, since when, and on which text."""

    point: str
    choice: str
    who: str
    when: date
    reference: str


NOBODY: Mapping[str, SignOff] = MappingProxyType({})
"""No choice is signed."""


def agreed(zh: str, en: str) -> Source:
    """What no text says: an agreement or a conclusion of ours."""
    return Source(zh, en, Mark.DERIVED)


@dataclass(frozen=True, slots=True)
class LegalText:
    """A law, provision or guide: its official title, short where that is customary, and its name in English.

    Documents below the rank of a law, regulation or judicial interpretation carry their number (文号) if known.
    """

    zh: str
    en: str

    def at(self, *articles: str, mark: Mark = Mark.VERIFIED, zh: str = "", en: str = "") -> Source:
        """The text, or articles of it, and what it says there: `at("180(2)")` is 第180条第2款."""
        cited, cited_en = self.zh, self.en
        if articles:
            cited += "、".join(map(_article, articles))
            cited_en += f", {'art.' if len(articles) == 1 else 'arts.'} {', '.join(articles)}"
        return Source(f"{cited}：{zh}" if zh else cited, f"{cited_en}: {en}" if en else cited_en, mark)


def _article(article: str) -> str:
    number, _, paragraph = article.rstrip(")").partition("(")
    return f"第{number}条第{paragraph}款" if paragraph else f"第{number}条"


# Articles are numbered as in the texts in force today, whatever the date of the case.
ORDER_310 = LegalText("《行政执法机关移送涉嫌犯罪案件的规定》", "State Council Order 310 on transfers")
POLICE_PROCEDURE = LegalText("《公安机关办理刑事案件程序规定》", "Police Procedure Provisions")
POLICE_ACCEPTANCE = LegalText(
    "《公安机关受理行政执法机关移送涉嫌犯罪案件规定》（公通字〔2016〕16号）",
    "Police Provisions of 2016 on accepting transfers",
)
PROCURATORATE_RULES = LegalText(
    "《人民检察院刑事诉讼规则》", "Criminal Procedure Rules of the Procuratorates"
)
PROCEDURE_LAW = LegalText("《刑事诉讼法》", "Criminal Procedure Law")
PENALTY_LAW = LegalText("《行政处罚法》", "Administrative Penalty Law")
PUBLIC_INTEREST = LegalText(
    "《两高关于检察公益诉讼案件适用法律若干问题的解释》", "Interpretation on public-interest litigation"
)
TIMELY_TRANSFER_2006 = LegalText(
    "《关于在行政执法中及时移送涉嫌犯罪案件的意见》（高检会〔2006〕2号）",
    "Joint Opinion of 2006 on timely transfer",
)
ENVIRONMENT = LegalText(
    "《环境保护行政执法与刑事司法衔接工作办法》（环环监〔2017〕17号）", "Environment Linkage Measures of 2017"
)
WORK_SAFETY = LegalText(
    "《安全生产行政执法与刑事司法衔接工作办法》（应急〔2019〕54号）", "Work Safety Linkage Measures of 2019"
)
LINKAGE_2021 = LegalText(
    "《最高检关于推进行政执法与刑事司法衔接工作的规定》（高检发释字〔2021〕4号）",
    "Linkage Provisions of 2021",
)
TWO_WAY_2023 = LegalText(
    "《关于推进行刑双向衔接和行政违法行为监督 构建检察监督与行政执法衔接制度的意见》（最高检，2023）",
    "Opinion of 2023 on two-way linkage",
)
REVERSE_GUIDE = LegalText("《人民检察院行刑反向衔接工作指引》（2024）", "Reverse Linkage Guide of 2024")
SUGGESTIONS = LegalText("《人民检察院检察建议工作规定》", "Provisions on procuratorial suggestions")
INTERNAL_CLUES = LegalText(
    "《人民检察院内部移送法律监督线索工作规定》", "Provisions on passing clues inside the procuratorate"
)
BAIYUN = LegalText("白云区行刑衔接工作做法", "Baiyun linkage practice")
PLATFORM = LegalText("行刑衔接工作约定", "agreed in the linkage work")

COPIED_AT_ONCE = BAIYUN.at(
    zh="检察意见同步抄送有关检察部门", en="opinions are copied at once to the departments concerned"
)
"""On what mirrors rest (检察意见同步抄送): routing and the table of mirrors both cite it."""
