"""Events: the conversation `deadline`.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from schemas.events.parts import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineApproaching:
    """临期预警 — Deadline approaching."""

    TYPE: ClassVar[str] = "deadline.approaching"

    clock_id: str
    """期限编号 — Id of the clock."""
    rule: str
    """期限规则 — Code of the rule."""
    version: str
    """规则版本 — Version of the rule."""
    holder: str
    """义务单位 — Unit that must act."""
    started_source: str
    """起算事件的来源单位 — Unit that said the starting event."""
    started_id: str
    """起算事件的编号 — Id of the starting event."""
    step: str
    """提示级别：yellow、orange、breach 等 — Step: yellow, orange, breach and so on."""
    due_earliest: int | None = None
    """最早届满时间，空为无法计算 — Earliest possible due time; null: cannot be computed (milliseconds since 1970, UTC)."""
    due_latest: int | None = None
    """最迟届满时间，空为无法计算 — Latest possible due time; null: cannot be computed (milliseconds since 1970, UTC)."""
    overrun_seconds: int | None = None
    """至少已逾期（秒） — Overdue by at least this many seconds."""
    provisional: bool
    """是否暂定（节假日安排未公布） — Whether it may move, because the holidays are not published yet."""
    certain: bool
    """结论在每一可能日期均成立 — Whether it holds on every possible day."""
    assumed_start: bool
    """起算事件是否推定 — Whether another event stands for the real start."""
    basis: str
    """依据及条文 — Source with its article."""
    mark: str
    """核实标记 — How far the basis was verified (V, V~, M, D)."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineBreached:
    """逾期 — Deadline breached."""

    TYPE: ClassVar[str] = "deadline.breached"

    clock_id: str
    """期限编号 — Id of the clock."""
    rule: str
    """期限规则 — Code of the rule."""
    version: str
    """规则版本 — Version of the rule."""
    holder: str
    """义务单位 — Unit that must act."""
    started_source: str
    """起算事件的来源单位 — Unit that said the starting event."""
    started_id: str
    """起算事件的编号 — Id of the starting event."""
    step: str
    """提示级别：yellow、orange、breach 等 — Step: yellow, orange, breach and so on."""
    due_earliest: int | None = None
    """最早届满时间，空为无法计算 — Earliest possible due time; null: cannot be computed (milliseconds since 1970, UTC)."""
    due_latest: int | None = None
    """最迟届满时间，空为无法计算 — Latest possible due time; null: cannot be computed (milliseconds since 1970, UTC)."""
    overrun_seconds: int | None = None
    """至少已逾期（秒） — Overdue by at least this many seconds."""
    provisional: bool
    """是否暂定（节假日安排未公布） — Whether it may move, because the holidays are not published yet."""
    certain: bool
    """结论在每一可能日期均成立 — Whether it holds on every possible day."""
    assumed_start: bool
    """起算事件是否推定 — Whether another event stands for the real start."""
    basis: str
    """依据及条文 — Source with its article."""
    mark: str
    """核实标记 — How far the basis was verified (V, V~, M, D)."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePaused:
    """期限中止 — Deadline paused."""

    TYPE: ClassVar[str] = "deadline.paused"

    clock_id: str
    """期限编号 — Id of the clock."""
    rule: str
    """期限规则 — Code of the rule."""
    version: str
    """规则版本 — Version of the rule."""
    holder: str
    """义务单位 — Unit that must act."""
    started_source: str
    """起算事件的来源单位 — Unit that said the starting event."""
    started_id: str
    """起算事件的编号 — Id of the starting event."""
    step: str
    """提示级别：yellow、orange、breach 等 — Step: yellow, orange, breach and so on."""
    due_earliest: int | None = None
    """最早届满时间，空为无法计算 — Earliest possible due time; null: cannot be computed (milliseconds since 1970, UTC)."""
    due_latest: int | None = None
    """最迟届满时间，空为无法计算 — Latest possible due time; null: cannot be computed (milliseconds since 1970, UTC)."""
    overrun_seconds: int | None = None
    """至少已逾期（秒） — Overdue by at least this many seconds."""
    provisional: bool
    """是否暂定（节假日安排未公布） — Whether it may move, because the holidays are not published yet."""
    certain: bool
    """结论在每一可能日期均成立 — Whether it holds on every possible day."""
    assumed_start: bool
    """起算事件是否推定 — Whether another event stands for the real start."""
    basis: str
    """依据及条文 — Source with its article."""
    mark: str
    """核实标记 — How far the basis was verified (V, V~, M, D)."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMet:
    """按期完成 — Deadline met."""

    TYPE: ClassVar[str] = "deadline.met"

    clock_id: str
    """期限编号 — Id of the clock."""
    rule: str
    """期限规则 — Code of the rule."""
    version: str
    """规则版本 — Version of the rule."""
    holder: str
    """义务单位 — Unit that must act."""
    started_source: str
    """起算事件的来源单位 — Unit that said the starting event."""
    started_id: str
    """起算事件的编号 — Id of the starting event."""
    step: str
    """提示级别：yellow、orange、breach 等 — Step: yellow, orange, breach and so on."""
    due_earliest: int | None = None
    """最早届满时间，空为无法计算 — Earliest possible due time; null: cannot be computed (milliseconds since 1970, UTC)."""
    due_latest: int | None = None
    """最迟届满时间，空为无法计算 — Latest possible due time; null: cannot be computed (milliseconds since 1970, UTC)."""
    overrun_seconds: int | None = None
    """至少已逾期（秒） — Overdue by at least this many seconds."""
    provisional: bool
    """是否暂定（节假日安排未公布） — Whether it may move, because the holidays are not published yet."""
    certain: bool
    """结论在每一可能日期均成立 — Whether it holds on every possible day."""
    assumed_start: bool
    """起算事件是否推定 — Whether another event stands for the real start."""
    basis: str
    """依据及条文 — Source with its article."""
    mark: str
    """核实标记 — How far the basis was verified (V, V~, M, D)."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineWithdrawn:
    """逾期提示撤回 — Breach or clock withdrawn."""

    TYPE: ClassVar[str] = "deadline.withdrawn"

    clock_id: str
    """期限编号 — Id of the clock."""
    rule: str
    """期限规则 — Code of the rule."""
    version: str
    """规则版本 — Version of the rule."""
    holder: str
    """义务单位 — Unit that must act."""
    started_source: str
    """起算事件的来源单位 — Unit that said the starting event."""
    started_id: str
    """起算事件的编号 — Id of the starting event."""
    step: str
    """提示级别：yellow、orange、breach 等 — Step: yellow, orange, breach and so on."""
    due_earliest: int | None = None
    """最早届满时间，空为无法计算 — Earliest possible due time; null: cannot be computed (milliseconds since 1970, UTC)."""
    due_latest: int | None = None
    """最迟届满时间，空为无法计算 — Latest possible due time; null: cannot be computed (milliseconds since 1970, UTC)."""
    overrun_seconds: int | None = None
    """至少已逾期（秒） — Overdue by at least this many seconds."""
    provisional: bool
    """是否暂定（节假日安排未公布） — Whether it may move, because the holidays are not published yet."""
    certain: bool
    """结论在每一可能日期均成立 — Whether it holds on every possible day."""
    assumed_start: bool
    """起算事件是否推定 — Whether another event stands for the real start."""
    basis: str
    """依据及条文 — Source with its article."""
    mark: str
    """核实标记 — How far the basis was verified (V, V~, M, D)."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarAdopted:
    """采用放假安排 — Calendar of days off adopted."""

    TYPE: ClassVar[str] = "calendar.adopted"

    calendar: str
    """日历版本 — Version of the calendar from here on."""
    years: tuple[int, ...] = ()
    """新公布放假安排的年份 — Years whose days off are published with it."""
    reason: str
    """采用的原因 — Why the calendar changed."""
    source: str | None = None
    """放假安排的文号或出处 — Number or place of the notice."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRecounted:
    """期限重新计算 — Due time counted anew."""

    TYPE: ClassVar[str] = "deadline.recounted"

    clock_id: str
    """期限编号 — Id of the clock."""
    rule: str
    """期限规则 — Code of the rule."""
    version: str
    """规则版本 — Version of the rule."""
    holder: str
    """义务单位 — Unit that must act."""
    started_source: str
    """起算事件的来源单位 — Unit that said the starting event."""
    started_id: str
    """起算事件的编号 — Id of the starting event."""
    previous_earliest: int | None = None
    """原最早届满时间 — Earliest due time before (milliseconds since 1970, UTC)."""
    previous_latest: int | None = None
    """原最迟届满时间 — Latest due time before (milliseconds since 1970, UTC)."""
    due_earliest: int | None = None
    """最早届满时间，空为无法计算 — Earliest possible due time; null: cannot be computed (milliseconds since 1970, UTC)."""
    due_latest: int | None = None
    """最迟届满时间，空为无法计算 — Latest possible due time; null: cannot be computed (milliseconds since 1970, UTC)."""
    provisional: bool
    """是否暂定（节假日安排未公布） — Whether it may move, because the holidays are not published yet."""
    calendar: str
    """日历版本 — Version of the calendar that it was counted by."""
    reason: str
    """重新计算的原因 — Why it was counted anew."""
    basis: str
    """依据及条文 — Source with its article."""
    mark: str
    """核实标记 — How far the basis was verified (V, V~, M, D)."""
    summary: str | None = None
    """摘要 — What happened, in a few sentences."""
    documents: tuple[Document, ...] = ()
    """所附文书 — Documents that belong to the event."""

    def to_avro(self) -> dict[str, Any]:
        """The payload by Avro field name."""
        return asdict(self)
