"""The pages of the command line show whole what people copy from them, on a narrow terminal as well."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from uuid import UUID

import pytest
from rich.console import Console, RenderableType

from consumers.readmodel.views import (
    CaseEntry,
    CaseName,
    CaseView,
    ClockView,
    Delivery,
    DocumentAsked,
    EventName,
    EventView,
    MirrorView,
    PackageView,
    Place,
    Quarantined,
    Standing,
)
from consumers.views.kinds import View
from infra.cli.pages import case_page, clocks_page, quarantine_page

NOW = datetime(2026, 3, 20, 8, 0, tzinfo=UTC)
EVENT = "0198c6f2-7c1e-7e0a-9a64-transfer-of-2026-03-11-number-000123"
NUMBER = "穗云环移〔2026〕第000123号[a4]-复查-2026-000000000000456"
UNIT = "by-ecology-and-environment-branch-of-the-north"
CASE = CaseName(UUID("3f0a4b0e-6c55-5f0e-8b55-0a6d5c1f7e11"), UNIT, NUMBER)
NAME = EventName(UNIT, EVENT)

ENTRY = CaseEntry(
    event=EventView(
        UNIT,
        EVENT,
        "transfer.sent",
        NOW,
        "second",
        case=CASE,
        field="environment",
        causation="",
        data={},
        view=View.FULL,
        hidden=(),
    ),
    recorded_at=NOW,
    position=Place(0, 1),
    deliveries=[Delivery("by-police", "duty", "PSB", "第7条 [V]")],
    flags=[],
)
CLOCK = ClockView(
    id=CASE.id,
    case=CASE,
    rule="O310-08",
    version="2020",
    duty_zh="决定是否立案",
    duty_en="Filing decision",
    basis="第8条",
    mark="V",
    kind="deadline",
    holder="by-police",
    state="running",
    started_by=NAME,
    start_from=NOW,
    start_to=NOW,
    assumed_start=False,
    due_from=NOW,
    due_to=NOW,
    provisional=False,
    certain=True,
    stopped_by=None,
    stopped_from=None,
    stopped_to=None,
    overrun_seconds=None,
    breach_withdrawn=False,
    reported_late=False,
)
MIRROR = MirrorView(CASE.id, NAME, "by-pil", "线索", "copied", NOW, "", "", None)
HELD = Quarantined(
    "ingress-by-police", 3, 4_711, "refused", "size", "too long", "by-police", NAME, None, None, NOW
)
PACKAGE = PackageView(
    NAME, complete=False, documents=[DocumentAsked("涉案物品清单", "list of the articles", "第6条 [V]", None)]
)
WHOLE = CaseView(
    CASE,
    Standing("environment", None, "SENT", None),
    events=[ENTRY],
    clocks=[CLOCK],
    mirrors=[MIRROR],
    packages=[PACKAGE],
)


def columns(page: RenderableType) -> str:
    """What stands in the columns of the page at 80 characters, each read downwards, without the breaks."""
    console = Console(width=80, file=io.StringIO(), color_system=None)
    with console.capture() as shown:
        console.print(page)
    rows = [line.split("│")[1:-1] for line in shown.get().splitlines() if "│" in line]
    widest = max(map(len, rows))
    return "\n".join("".join(row[n].strip() for row in rows if n < len(row)) for n in range(widest))


@pytest.mark.parametrize(
    ("page", "copied"),
    [
        pytest.param(case_page(WHOLE, NOW), EVENT, id="event"),
        pytest.param(case_page(WHOLE, NOW), UNIT, id="speaker"),
        pytest.param(case_page(WHOLE, NOW), NUMBER, id="case-of-a-clock"),
        pytest.param(case_page(WHOLE, NOW), f"{UNIT}/{EVENT}", id="opinion"),
        pytest.param(clocks_page([CLOCK], NOW), f"{UNIT}{NUMBER}", id="clocks"),
        pytest.param(quarantine_page([HELD]), f"ingress-by-police/3/4711{UNIT}/{EVENT}", id="quarantine"),
    ],
)
def test_what_people_copy_is_folded_and_not_cut(page: RenderableType, copied: str) -> None:
    assert copied in columns(page)


@pytest.mark.parametrize("page", [case_page(WHOLE, NOW), clocks_page([CLOCK], NOW), quarantine_page([HELD])])
def test_a_narrow_terminal_cuts_nothing(page: RenderableType) -> None:
    assert "…" not in columns(page)


def test_a_case_page_says_which_document_a_transfer_lacks() -> None:
    console = Console(width=160, file=io.StringIO(), color_system=None)
    with console.capture() as shown:
        console.print(case_page(WHOLE, NOW))
    assert "涉案物品清单 — list of the articles" in shown.get()
    assert "missing" in shown.get()
