"""The table of templates: a new template is a row here."""

from __future__ import annotations

from collections.abc import Mapping

from producers.imports.template import CORRECTION, Column, Kind, Template
from schemas.fields import FIELDS

_DESIGNED = "本系统制定 — ours"
_PUBLICITY = (
    "双公示行政处罚数据标准（发改办财金〔2018〕424号），字段按多家实施方案整理，正式模板以信用主管部门为准 — "
    "rebuilt from several implementations; the official annex was not seen"
)

_FIELD = Column(
    "领域",
    "Field of enforcement",
    "field",
    Kind.CHOICE,
    note="执法领域，可不填。",
    choices={row.zh: row.code for row in FIELDS},
)
_OPERATOR = Column("经办人", "Who acted", "operator", note="本单位经办人，可不填。")
_SUMMARY = Column("摘要", "Summary", "data.summary", note="经过简述，可不填。")
_TAIL = (_FIELD, _OPERATOR, _SUMMARY, CORRECTION)
_OFFENCE = Column("涉嫌罪名", "Suspected offence", "data.offence", note="如：污染环境罪。")
_PARTY_KINDS = {
    "自然人": "natural_person",
    "个体工商户": "other_organisation",
    "法人": "legal_person",
    "法人及非法人组织": "legal_person",
    "非法人组织": "other_organisation",
    "不详": "unknown",
}
_YES_NO = {"是": "true", "否": "false"}


def _number(note: str = "本单位案号。") -> Column:
    return Column(
        "案号", "Case number", "case.number", required=True, key=True, note=note, aliases=("案件编号",)
    )


def _when(header: str, en: str, *, key: bool = False) -> Column:
    note = "如 2026-03-11 或 2026-03-11 09:30；只填日期时按当日计算期限。"
    return Column(header, en, "time", Kind.WHEN, required=True, key=key, note=note)


def _other_case() -> tuple[Column, Column]:
    """For events about a case that another unit opened."""
    return (
        _number("立案（移送）单位的案号，即对方文书上的案号。"),
        Column(
            "案件来源单位",
            "Unit that opened the case",
            "case.unit",
            Kind.UNIT,
            required=True,
            note="最初登记该案的单位，填名称或代码。",
        ),
    )


def _party(what: str) -> tuple[Column, ...]:
    place = "data.parties.0"
    return (
        Column(what, "Party", f"{place}.name", note="姓名或名称。"),
        Column(
            f"{what}类型",
            "Kind of party",
            f"{place}.kind",
            Kind.CHOICE,
            choices=_PARTY_KINDS,
            note="不填为不详。",
        ),
        Column(
            f"{what}证件号码",
            "Identity or credit code",
            f"{place}.id_no",
            Kind.PERSON_NO,
            note="公民身份号码或统一社会信用代码；单元格格式设为文本。",
        ),
    )


_POLICE = Column(
    "受移送公安机关",
    "Police organ addressed",
    "data.addressee",
    Kind.UNIT,
    required=True,
    note="填名称或代码。",
)
_KINDS = (
    "警告",
    "通报批评",
    "罚款",
    "没收违法所得",
    "没收非法财物",
    "没收违法所得、没收非法财物",
    "暂扣许可证件",
    "降低资质等级",
    "吊销许可证件",
    "暂扣或者吊销许可证、暂扣或者吊销执照",
    "限制开展生产经营活动",
    "责令停产停业",
    "责令关闭",
    "限制从业",
    "行政拘留",
    "其他",
)
"""Kinds of penalty: article 9 of the Administrative Penalty Law as in force since 2021, and the forms before."""


def _national(header: str, code: str, en: str, target: str = "", *aliases: str) -> Column:
    return Column(header, en, target, aliases=(code, *aliases))


_PENALTY_PUBLICITY = (
    Column("行政相对人名称", "Party", "data.party", required=True, aliases=("CF_XDR_MC",)),
    Column(
        "行政相对人类别",
        "Kind of party",
        "",
        Kind.CHOICE,
        aliases=("CF_XDR_LB",),
        choices={"法人及非法人组织": "", "自然人": "", "个体工商户": ""},
        note="仅核对，不报送。",
    ),
    _national("行政相对人代码_1(统一社会信用代码)", "CF_XDR_SHXYM", "Credit code", "", "统一社会信用代码"),
    _national("行政相对人代码_2(工商注册号)", "CF_XDR_GSZC", "Registration number", "", "工商注册号"),
    _national("行政相对人代码_3(组织机构代码)", "CF_XDR_ZZJG", "Organisation code", "", "组织机构代码"),
    _national("行政相对人代码_4(税务登记号)", "CF_XDR_SWDJ", "Tax number", "", "税务登记号"),
    _national("行政相对人代码_5(事业单位证书号)", "CF_XDR_SYDW", "Institution number", "", "事业单位证书号"),
    _national(
        "行政相对人代码_6(社会组织登记证号)", "CF_XDR_SHZZ", "Association number", "", "社会组织登记证号"
    ),
    _national("法定代表人", "CF_FRDB", "Legal representative"),
    _national("法定代表人证件类型", "CF_FR_ZJLX", "Kind of identity document"),
    _national("法定代表人证件号码", "CF_FR_ZJHM", "Identity number", "", "CF_FR_SFZH"),
    _national("证件类型", "CF_XDR_ZJLX", "Kind of identity document", "", "自然人证件类型"),
    _national("证件号码", "CF_XDR_ZJHM", "Identity number", "", "自然人证件号码"),
    Column(
        "行政处罚决定书文号",
        "Number of the penalty decision",
        "data.decision_no",
        required=True,
        key=True,
        aliases=("CF_WSH", "决定书文号"),
    ),
    Column("违法行为类型", "Kind of breach", "data.summary", required=True, aliases=("CF_WFXW",)),
    Column("违法事实", "Facts", "data.summary", required=True, aliases=("CF_SY",)),
    Column("处罚依据", "Legal basis", "data.legal_basis", required=True, aliases=("CF_YJ",)),
    Column(
        "处罚类别",
        "Kinds of penalty",
        "data.kinds",
        Kind.LIST,
        required=True,
        aliases=("CF_CFLB", "CF_CFLB1"),
        choices={one: one for one in _KINDS},
        note="多项之间用分号或顿号隔开。",
    ),
    Column("处罚内容", "Penalty", "data.summary", required=True, aliases=("CF_NR", "CF_JG", "处罚结果")),
    Column(
        "罚款金额(万元)",
        "Fine, in 10,000 yuan",
        "data.amount_fen",
        Kind.WAN,
        aliases=("CF_NR_FK", "罚款金额"),
    ),
    Column(
        "没收违法所得、没收非法财物的金额(万元)",
        "Confiscation, in 10,000 yuan",
        "data.amount_fen",
        Kind.WAN,
        aliases=("CF_NR_WFFF",),
    ),
    _national("暂扣或吊销证照名称及编号", "CF_NR_ZKDX", "Licence concerned"),
    Column("处罚决定日期", "Date of the decision", "time", Kind.WHEN, required=True, aliases=("CF_JDRQ",)),
    _national("处罚有效期", "CF_YXQ", "Valid until"),
    _national("公示截止期", "CF_GSJZQ", "Published until", "", "公示截止日期"),
    _national("处罚机关", "CF_CFJG", "Agency", "", "CF_XZJG"),
    Column(
        "处罚机关统一社会信用代码",
        "Credit code of the agency",
        "",
        key=True,
        aliases=("CF_CFJGDM",),
        note="与决定书文号一起识别同一行；可不填。",
    ),
    _national("数据来源单位", "CF_SJLY", "Source of the data"),
    _national("数据来源单位统一社会信用代码", "CF_SJLYDM", "Credit code of the source"),
    _national("备注", "BZ", "Note"),
    Column(
        "案号",
        "Case number",
        "case.number",
        note="本系统增加：行政案件案号，不填则以决定书文号为案号。",
        aliases=("行政案件案号",),
    ),
    _FIELD,
    Column(
        "是否涉嫌犯罪",
        "Crime suspected",
        "data.crime_suspected",
        Kind.YES_NO,
        choices=_YES_NO,
        note="本系统增加，可不填。",
    ),
    CORRECTION,
)

TEMPLATES: tuple[Template, ...] = (
    Template(
        "penalty-publicity",
        "行政处罚双公示",
        "Published penalties (double publicity)",
        "admin_case.penalised",
        _PENALTY_PUBLICITY,
        _PUBLICITY,
        copies={"case.number": "data.decision_no"},
    ),
    Template(
        "case-filed",
        "行政案件立案备案",
        "Administrative cases filed",
        "admin_case.filed",
        (
            Column("案号", "Case number", "case.number", required=True, key=True, aliases=("案件编号",)),
            _when("立案时间", "Filed at"),
            Column("案由", "Cause of action", "data.cause"),
            Column(
                "涉案金额(元)", "Amount involved, yuan", "data.amount_fen", Kind.YUAN, aliases=("涉案金额",)
            ),
            Column("案发地点", "Place", "data.place", aliases=("案发区域",)),
            *_party("当事人"),
            *_TAIL,
        ),
        _DESIGNED,
        copies={"data.case_no": "case.number"},
    ),
    Template(
        "transfer-sent",
        "正式移送",
        "Cases sent to the police",
        "transfer.sent",
        (
            _number(),
            Column("移送书文号", "Number of the transfer letter", "data.letter_no", required=True, key=True),
            _when("移送时间", "Sent at"),
            _POLICE,
            _OFFENCE,
            Column("物品件数", "Number of articles", "data.items_count", Kind.COUNT),
            Column(
                "涉案金额(元)", "Amount involved, yuan", "data.amount_fen", Kind.YUAN, aliases=("涉案金额",)
            ),
            *_party("嫌疑人"),
            Column("承办人", "Case officer", "data.officer"),
            Column("承办人电话", "Phone of the case officer", "data.officer_phone"),
            *_TAIL,
        ),
        _DESIGNED,
    ),
    Template(
        "transfer-received",
        "接受回执",
        "Transfers received",
        "transfer.received",
        (
            *_other_case(),
            Column("回执编号", "Number of the receipt", "data.receipt_no", required=True, key=True),
            _when("接受时间", "Received at"),
            Column("接收人", "Who received it", "data.receiver", required=True),
            *_TAIL,
        ),
        _DESIGNED,
    ),
    Template(
        "filing-accepted",
        "决定立案",
        "Criminal cases filed",
        "filing.accepted",
        (
            *_other_case(),
            Column(
                "立案决定书文号", "Number of the filing decision", "data.filing_no", required=True, key=True
            ),
            _when("立案时间", "Filed at"),
            _OFFENCE,
            *_party("嫌疑人"),
            *_TAIL,
        ),
        _DESIGNED,
    ),
    Template(
        "filing-declined",
        "不予立案",
        "Filing declined",
        "filing.declined",
        (
            *_other_case(),
            Column("不予立案通知书文号", "Number of the notice", "data.notice_no", required=True, key=True),
            _when("决定时间", "Decided at"),
            Column("不予立案理由", "Reasons", "data.reasons", required=True),
            Column(
                "是否退回案卷",
                "File returned",
                "data.file_returned",
                Kind.YES_NO,
                required=True,
                choices=_YES_NO,
            ),
            Column("涉及当事人", "Party concerned", "data.party", note="不填为全案。"),
            *_TAIL,
        ),
        _DESIGNED,
    ),
    Template(
        "items-handed-over",
        "涉案物品移交",
        "Articles handed over",
        "items.handed_over",
        (
            _number(),
            Column("移交清单编号", "Number of the list", "data.documents.0.title", required=True, key=True),
            _when("移交时间", "Handed over at"),
            Column(
                "接收公安机关",
                "Police organ",
                "data.addressee",
                Kind.UNIT,
                required=True,
                note="填名称或代码。",
            ),
            Column(
                "物品清单",
                "Articles",
                "data.items",
                Kind.ARTICLES,
                required=True,
                note="名称：数量，各件之间用分号或换行隔开。如 电镀槽：2个；账册：3本。",
            ),
            Column("保管单位", "Custodian", "data.custodian", required=True),
            Column("移交人", "Handed over by", "data.handed_by", required=True),
            Column("接收人", "Received by", "data.received_by", required=True),
            *_TAIL,
        ),
        _DESIGNED,
        constants={"data.documents.0.kind": "涉案物品移交清单"},
    ),
    Template(
        "opinion-replied",
        "检察意见回复",
        "Opinions replied to",
        "reverse.replied",
        (
            *_other_case(),
            Column("检察意见书文号", "Number of the letter", "data.letter_no", required=True, key=True),
            _when("回复时间", "Replied at", key=True),
            Column(
                "办理结果",
                "Result",
                "data.result",
                Kind.CHOICE,
                required=True,
                choices={
                    "已处罚": "penalised",
                    "不予处罚": "not_penalised",
                    "正在办理": "in_progress",
                    "其他": "other",
                },
            ),
            Column("是否阶段性回复", "Interim", "data.interim", Kind.YES_NO, required=True, choices=_YES_NO),
            Column("处罚决定书文号", "Number of the penalty decision", "data.decision_no"),
            Column(
                "罚没金额(元)",
                "Fine and confiscation, yuan",
                "data.amount_fen",
                Kind.YUAN,
                aliases=("罚没金额",),
            ),
            Column("不予处罚理由", "Reasons", "data.reasons"),
            Column("涉及当事人", "Party concerned", "data.party", note="不填为全案。"),
            *_TAIL,
        ),
        _DESIGNED,
    ),
)

BY_NAME: Mapping[str, Template] = {row.name: row for row in TEMPLATES}
