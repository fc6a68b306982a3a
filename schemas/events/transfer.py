"""Events: the conversation `transfer`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from schemas.events.parts import Document, Fact, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTaskGroupFormed:
    """成立专案组 — Task group formed."""

    TYPE: ClassVar[str] = "transfer.task_group_formed"

    officers: tuple[str, ...]
    """专案组人员工号，不少于二人 — Staff numbers of the officers, two or more."""
    leader: str | None = None
    """负责人工号 — Staff number of the leader."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReported:
    """报请审批 — Transfer reported to the head."""

    TYPE: ClassVar[str] = "transfer.reported"

    report: str
    """书面报告的标题或文号 — Title or number of the written report."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferApproved:
    """批准移送 — Transfer approved."""

    TYPE: ClassVar[str] = "transfer.approved"

    approver: str
    """批准的负责人 — The head who approved."""
    reasons: str | None = None
    """说明，批准时一般为空 — Remarks; usually null."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRefused:
    """不批准移送 — Transfer refused by the head."""

    TYPE: ClassVar[str] = "transfer.refused"

    approver: str
    """不批准的负责人 — The head who refused."""
    reasons: str
    """不批准的理由，应当记录在案 — Reasons, which must be kept on record."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSent:
    """正式移送 — Case sent to the police."""

    TYPE: ClassVar[str] = "transfer.sent"

    addressee: str
    """受移送公安机关的单位代码 — Unit code of the police organ addressed."""
    letter_no: str | None = None
    """移送书文号 — Number of the transfer letter."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    parties: tuple[Party, ...] = ()
    """涉嫌犯罪的当事人 — Suspects."""
    items_count: int | None = None
    """涉案物品件数，空为未载明 — Number of articles; null: not stated."""
    amount_fen: int | None = None
    """涉案金额（分） — Amount involved, in fen."""
    officer: str | None = None
    """承办人 — Case officer."""
    officer_phone: str | None = None
    """承办人联系电话 — Phone of the case officer."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOnSiteHanded:
    """现场移交 — Case handed over on site."""

    TYPE: ClassVar[str] = "transfer.on_site_handed"

    addressee: str
    """受移送公安机关的单位代码 — Unit code of the police organ addressed."""
    place: str
    """移交地点 — Place of the handover."""
    handed_by: str
    """移交人签名 — Who signed for the agency."""
    received_by: str
    """接收人签名 — Who signed for the police."""
    items_count: int | None = None
    """移交物品件数，空为未载明 — Number of articles; null: not stated."""
    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    parties: tuple[Party, ...] = ()
    """移交的人员 — Persons handed over."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReceived:
    """接受回执 — Transfer received, receipt signed."""

    TYPE: ClassVar[str] = "transfer.received"

    receipt_no: str
    """回执编号 — Number of the receipt."""
    receiver: str
    """接收人 — Who received the case."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSupplementRequested:
    """通知补正 — Supplement requested."""

    TYPE: ClassVar[str] = "transfer.supplement_requested"

    addressee: str | None = None
    """需补正的行政执法机关，空为移送机关 — Agency that must supplement; null: the sender."""
    notice_no: str | None = None
    """补正通知书文号 — Number of the notice."""
    missing: tuple[str, ...]
    """缺少的材料 — What is missing."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSupplemented:
    """补正材料 — Materials supplemented."""

    TYPE: ClassVar[str] = "transfer.supplemented"

    addressee: str | None = None
    """接收补正材料的公安机关，空为受移送机关 — Police organ that gets the materials; null: the one the case is with."""
    supplied: tuple[str, ...]
    """补正的材料 — What was supplied."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferForwarded:
    """转送有管辖权机关 — Forwarded to the competent police organ."""

    TYPE: ClassVar[str] = "transfer.forwarded"

    addressee: str
    """有管辖权的公安机关的单位代码 — Unit code of the competent police organ."""
    reasons: str
    """理由 — Reasons."""
    notice_no: str | None = None
    """移送案件通知书文号 — Number of the notice."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOutOfRemit:
    """不属公安职责退回 — Outside the police remit."""

    TYPE: ClassVar[str] = "transfer.out_of_remit"

    reasons: str
    """理由 — Reasons."""
    proper_organ: str | None = None
    """应当受理的机关 — Organ that should deal with it."""
    notice_no: str | None = None
    """通知书文号 — Number of the notice."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSuspected:
    """发现涉嫌犯罪 — Crime suspected."""

    TYPE: ClassVar[str] = "transfer.suspected"

    offence: str | None = None
    """涉嫌罪名，如“污染环境罪” — Suspected offence by its Chinese name."""
    parties: tuple[Party, ...] = ()
    """涉嫌犯罪的当事人 — Suspects."""
    amount_fen: int | None = None
    """涉案金额（分） — Amount involved, in fen."""
    grounds: str | None = None
    """认为涉嫌犯罪的事实和依据 — Facts and basis of the suspicion."""
    facts: tuple[Fact, ...] = ()
    """供与追诉标准比对的事实要素 — Facts to be held against prosecution standards."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)
