"""What a clock's date rests on where the texts are silent: named with the choice, and with who signed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from consumers.explaining.explain import explain
from consumers.explaining.rule_sets import rule_set
from consumers.explaining.wording import text_of
from consumers.handovers.statutes import BY_KEY
from consumers.readmodel.points import points_in
from consumers.sources import SignOff
from tests.consumers.given import event, rulebook

DAYS = "days-of-order-310"
SIGNED = SignOff(DAYS, "working-days", "法律政策研究室", date(2026, 11, 1), "粤检研〔2026〕9号")
RULE = next(key for key in BY_KEY if key[0] == "O310-08")


def test_a_choice_is_shown_as_unsigned_until_somebody_signs_it() -> None:
    found = {one.point: one for one in points_in(rulebook())(*RULE)}
    assert found[DAYS].choice == "calendar-days"
    assert found[DAYS].signed is None
    assert "未签署" in found[DAYS].zh


def test_the_signature_under_the_choice_in_force_is_shown_with_its_text() -> None:
    office = replace(rulebook("order-310-working-days"), signed={DAYS: SIGNED})
    [one] = [one for one in points_in(office)(*RULE) if one.point == DAYS]
    assert one.choice == "working-days"
    assert one.signed is not None
    assert (one.signed.who, one.signed.reference) == (SIGNED.who, SIGNED.reference)


def test_a_signature_under_another_choice_is_none() -> None:
    office = replace(rulebook(), signed={DAYS: SIGNED})
    assert all(one.signed is None for one in points_in(office)(*RULE))


def test_the_account_of_an_event_names_the_open_points_of_the_clocks_it_starts() -> None:
    office = rulebook()
    account, _ = explain(None, event("transfer.sent", "2026-03-10 09:00"), office, rule_set(office))
    [clock] = [one for one in account.clocks if one.rule == "O310-08"]
    assert any("日历日" in one.zh for one in clock.open_points)
    assert "未决 国务院令第310号" in text_of(account, "zh")
