"""Where a case stands for a reader, party by party: under no name that the reader was not shown."""

from __future__ import annotations

from consumers.casefile import CaseEvent
from consumers.readmodel.rows import entry_view, seen
from consumers.readmodel.standing import standing
from consumers.views.kinds import View
from tests.consumers.given import event, register


def suspects(*names: str) -> list[dict[str, object]]:
    return [{"name": name, "kind": "natural_person", "id_no": None, "role": None} for name in names]


STORY = (
    event("transfer.sent", "2026-03-02", parties=suspects("宋小明", "王大力")),
    event("case.sent_for_prosecution", "2026-03-09"),
    event("case.not_prosecuted", "2026-03-20", party="宋小明"),
)


def told(
    view: View, *events: CaseEvent, sealed: tuple[CaseEvent, ...] = ()
) -> list[tuple[str, str, str | None]]:
    shown = [entry_view(seen(one, view, {}), one, [], []) for one in events]
    found = standing(sealed or events, events, shown, register()).parties
    return [(one.name, one.state, one.reverse_state) for one in found]


def test_each_party_is_told_with_its_own_state() -> None:
    assert told(View.FULL, *STORY) == [
        ("宋小明", "NOT_PROSECUTED", "NOT_PROSECUTED"),
        ("王大力", "SENT_FOR_PROSECUTION", None),
    ]


def test_a_reader_who_sees_masked_names_sees_no_others() -> None:
    masked = [view for view in View if view is not View.FULL]
    for view in masked:
        names = "".join(name for name, _, _ in told(view, *STORY))
        shown = "".join(str(entry_view(seen(one, view, {}), one, [], []).event.data) for one in STORY)
        assert ("小明" in names) <= ("小明" in shown)
    assert any("宋某某" in [name for name, _, _ in told(view, *STORY)] for view in masked)


def test_a_case_of_one_party_has_no_list() -> None:
    assert told(View.FULL, event("transfer.sent", "2026-03-02", parties=suspects("宋小明"))) == []


def test_names_that_are_sealed_in_the_log_are_shown_as_they_were_said() -> None:
    sealed = (
        event("transfer.sent", "2026-03-02", parties=suspects("sealed.1.a", "sealed.1.b")),
        event("case.sent_for_prosecution", "2026-03-09"),
        event("case.not_prosecuted", "2026-03-20", party="sealed.1.a"),
    )
    assert told(View.FULL, *STORY, sealed=sealed) == told(View.FULL, *STORY)
