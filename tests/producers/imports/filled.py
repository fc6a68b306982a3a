"""Sheets as offices fill them in."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from producers.imports.template import Template
from producers.imports.templates import BY_NAME

PENALTY = BY_NAME["penalty-publicity"]
SENT = BY_NAME["transfer-sent"]

RIGHT: dict[str, dict[str, Any]] = {
    "penalty-publicity": {
        "行政相对人名称": "广州某电镀厂",
        "行政相对人类别": "法人及非法人组织",
        "行政处罚决定书文号": "穗云环罚〔2026〕17号",
        "违法行为类型": "违反水污染防治管理制度",
        "违法事实": "通过暗管排放含铬废水。",
        "处罚依据": "《中华人民共和国水污染防治法》第八十三条",
        "处罚类别": "罚款；没收违法所得",
        "处罚内容": "罚款二十万元，没收违法所得三万元。",
        "罚款金额(万元)": 20,
        "没收违法所得、没收非法财物的金额(万元)": "3.05",
        "处罚决定日期": "2026/3/2",
    },
    "case-filed": {"案号": "云环立〔2026〕9号", "立案时间": "2026-02-01", "当事人": "陈某某"},
    "transfer-sent": {
        "案号": "云环立〔2026〕9号",
        "移送书文号": "云环移〔2026〕3号",
        "移送时间": "2026-03-11 09:30",
        "受移送公安机关": "白云区公安分局",
        "涉嫌罪名": "污染环境罪",
        "涉案金额(元)": "12,345.60",
        "嫌疑人": "陈某某",
    },
    "transfer-received": {
        "案号": "云环立〔2026〕9号",
        "案件来源单位": "by-env",
        "回执编号": "收〔2026〕5号",
        "接受时间": "2026年3月12日",
        "接收人": "李某",
    },
    "filing-accepted": {
        "案号": "云环立〔2026〕9号",
        "案件来源单位": "白云区生态环境分局",
        "立案决定书文号": "云公立〔2026〕88号",
        "立案时间": "2026-03-14",
    },
    "filing-declined": {
        "案号": "云环立〔2026〕9号",
        "案件来源单位": "by-env",
        "不予立案通知书文号": "云公不立〔2026〕2号",
        "决定时间": "2026-03-14",
        "不予立案理由": "没有犯罪事实。",
        "是否退回案卷": "是",
    },
    "items-handed-over": {
        "案号": "云环立〔2026〕9号",
        "移交清单编号": "清单3",
        "移交时间": "2026-03-15 15:00",
        "接收公安机关": "by-police",
        "物品清单": "电镀槽：2个；账册: 3本",
        "保管单位": "白云区公安分局",
        "移交人": "张某",
        "接收人": "李某",
    },
    "opinion-replied": {
        "案号": "云公〔2026〕1号",
        "案件来源单位": "by-police",
        "检察意见书文号": "云检行意〔2026〕4号",
        "回复时间": "2026-04-20",
        "办理结果": "已处罚",
        "是否阶段性回复": "否",
    },
}
"""One right row for each template."""


def row(template: Template, **instead: Any) -> list[Any]:
    """The right row of a template in the order of its columns, with other values for some headers."""
    values = RIGHT[template.name] | instead
    return [values.get(column.header) for column in template.columns]


def headers(template: Template) -> list[str]:
    return [column.header for column in template.columns]


def xlsx(*rows: Sequence[Any], title: str = "Sheet") -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = title
    for one in rows:
        sheet.append(list(one))
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def as_csv(*rows: Sequence[Any], encoding: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(["" if cell is None else cell for cell in one] for one in rows)
    return out.getvalue().encode(encoding)
