"""A row of a template becomes an event that the bus admits; what is wrong with it is told all at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from producers.gateway.statements import Reader
from producers.imports.checking import Checker, RowState
from producers.imports.reading import Sheet
from producers.imports.rows import Line, NotTheTemplateError, Said, find_headings, fitting, say
from producers.imports.template import Template
from producers.imports.templates import BY_NAME, TEMPLATES
from schemas.catalogue import BY_NAME as EVENTS
from schemas.units import Register
from tests.producers.imports.filled import PENALTY, RIGHT, SENT, headers, row

NOW = datetime(2026, 5, 1, tzinfo=UTC)

each_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.name)


def lines(template: Template, *rows: list[Any]) -> list[Line]:
    return [Line(n, tuple(cells)) for n, cells in enumerate((headers(template), *rows), 1)]


def said(template: Template, register: Register, **instead: Any) -> Said:
    told = lines(template, row(template, **instead))
    return say(template, find_headings(template, told), told[1], unit="by-env", register=register)


def speaker(template: Template, register: Register) -> str:
    roles = EVENTS[template.event].speakers
    return next(unit.code for unit in register.units if unit.roles & roles and unit.district == "baiyun")


@each_template
def test_the_right_row_of_a_template_is_an_event_that_the_bus_admits(
    template: Template, register: Register
) -> None:
    told = lines(template, row(template))
    unit = speaker(template, register)
    checker = Checker(template, find_headings(template, told), Reader(register, 262_144), unit, NOW)
    (draft,) = checker.drafts(Sheet(tuple(told)))
    assert draft.flaws == ()
    assert (draft.state, draft.events[0]["type"]) == (RowState.READY, template.event)


@each_template
def test_every_required_cell_that_is_empty_is_told(template: Template, register: Register) -> None:
    empty = {column.header: None for column in template.required}
    flaws = said(template, register, **empty).flaws
    assert {flaw.column for flaw in flaws} == empty.keys()
    assert {flaw.zh for flaw in flaws} == {"必填，不能为空"}


@each_template
def test_a_template_has_what_identifies_a_row_and_one_target_for_the_time(template: Template) -> None:
    assert template.keys
    assert [column.target for column in template.columns].count("time") == 1
    names = [name for column in template.columns for name in (column.header, *column.aliases)]
    assert len(names) == len(set(names))
    assert template.columns[-1].header == "更正理由"


def test_the_national_form_becomes_a_penalty_with_one_amount_and_the_facts(register: Register) -> None:
    event = said(PENALTY, register).event
    assert event["case"] == {"number": "穗云环罚〔2026〕17号"}
    assert (event["time"], event["precision"]) == ("2026-03-02T00:00:00+08:00", "day")
    assert event["data"]["amount_fen"] == 23_050_000
    assert event["data"]["kinds"] == ["罚款", "没收违法所得"]
    assert event["data"]["summary"].splitlines() == [
        "违法行为类型：违反水污染防治管理制度",
        "违法事实：通过暗管排放含铬废水。",
        "处罚内容：罚款二十万元，没收违法所得三万元。",
    ]


def test_identity_numbers_of_the_national_form_are_not_carried_over(register: Register) -> None:
    number = "110105194912310021"
    for header in ("法定代表人证件号码", "证件号码", "行政相对人代码_1(统一社会信用代码)"):
        assert number not in str(said(PENALTY, register, **{header: number}).event)


def test_columns_are_found_by_name_code_and_old_name_wherever_they_stand(register: Register) -> None:
    codes = {
        column.aliases[0]: RIGHT[PENALTY.name].get(column.header)
        for column in PENALTY.columns
        if column.aliases
    }
    reversed_columns = list(codes.items())[::-1]
    told = [
        Line(1, ("双公示目录",)),
        Line(3, tuple(name for name, _ in reversed_columns)),
        Line(4, tuple(value for _, value in reversed_columns)),
    ]
    headings = find_headings(PENALTY, told)
    assert headings.row == 3
    assert (
        say(PENALTY, headings, told[2], unit="by-env", register=register).event
        == said(PENALTY, register).event
    )


def test_marks_of_required_columns_and_full_width_brackets_do_not_hide_a_header(register: Register) -> None:
    told = lines(SENT, row(SENT))
    decorated = Line(1, tuple(f"*{name}（必填）" for name in headers(SENT)))
    assert find_headings(SENT, [decorated, told[1]]).columns == find_headings(SENT, told).columns


def test_a_sheet_without_a_required_column_is_not_the_template() -> None:
    told = [Line(1, tuple(name for name in headers(SENT) if name != "移送书文号"))]
    with pytest.raises(NotTheTemplateError, match="移送书文号") as error:
        find_headings(SENT, told)
    assert "缺少列：移送书文号" in error.value.zh


@each_template
def test_the_headers_tell_which_template_a_sheet_is(template: Template) -> None:
    assert fitting(TEMPLATES, lines(template)) == [template]


def test_a_column_that_the_template_has_not_is_named_and_ignored() -> None:
    told = [Line(1, (*headers(SENT), "天气", "错误", "导入状态"))]
    assert find_headings(SENT, told).ignored == ("天气",)


def test_the_same_row_has_the_same_id_in_whatever_width_it_is_typed(register: Register) -> None:
    first = said(SENT, register)
    again = said(SENT, register, 移送书文号="云环移［２０２６］３号", 涉嫌罪名="非法经营罪")
    assert first.event["id"] == again.event["id"]
    assert first.event["id"] != said(SENT, register, 移送书文号="云环移〔2026〕4号").event["id"]


def test_another_unit_or_template_with_the_same_number_is_another_row(register: Register) -> None:
    told = lines(SENT, row(SENT))
    headings = find_headings(SENT, told)
    ids = {
        say(SENT, headings, told[1], unit=unit, register=register).event["id"]
        for unit in ("by-env", "by-tax")
    }
    assert len(ids) == 2


def test_all_that_is_wrong_with_a_row_is_told_at_once(register: Register) -> None:
    flaws = said(SENT, register, 移送时间="昨天", 受移送公安机关="天河分局", 物品件数="三").flaws
    assert {flaw.column for flaw in flaws} == {"移送时间", "受移送公安机关", "物品件数"}
    assert all(flaw.zh and flaw.en for flaw in flaws)


def test_what_the_contract_refuses_is_told_at_its_column(register: Register) -> None:
    told = lines(SENT, row(SENT, 承办人电话="1" * 51))
    checker = Checker(SENT, find_headings(SENT, told), Reader(register, 262_144), "by-env", NOW)
    (draft,) = checker.drafts(Sheet(tuple(told)))
    (flaw,) = draft.flaws
    assert (draft.state, flaw.column) == (RowState.FLAWED, "承办人电话")
    assert "at most 50" in flaw.en


def test_a_formula_that_was_never_calculated_is_told_and_not_taken_for_empty(register: Register) -> None:
    told = lines(SENT, row(SENT, **{"涉案金额(元)": None}))
    place = headers(SENT).index("涉案金额(元)")
    checker = Checker(SENT, find_headings(SENT, told), Reader(register, 262_144), "by-env", NOW)
    (draft,) = checker.drafts(Sheet(tuple(told), frozenset({(2, place)})))
    assert [(flaw.column, flaw.en[:11]) for flaw in draft.flaws] == [("涉案金额(元)", "the formula")]


def test_rows_with_one_number_are_one_row_or_a_mistake(register: Register) -> None:
    told = lines(SENT, row(SENT), row(SENT), row(SENT, 涉嫌罪名="非法经营罪"))
    checker = Checker(SENT, find_headings(SENT, told), Reader(register, 262_144), "by-env", NOW)
    drafts = checker.drafts(Sheet(tuple(told)))
    assert [draft.state for draft in drafts] == [RowState.READY, RowState.KNOWN, RowState.FLAWED]
    assert drafts[2].flaws[0].zh == "与第2行的编号相同而内容不同"


def test_every_template_is_called_by_its_name() -> None:
    assert [BY_NAME[one.name] for one in TEMPLATES] == list(TEMPLATES)
    assert {one.name for one in TEMPLATES} == RIGHT.keys()
