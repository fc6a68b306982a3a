"""The offences (罪名) that administrative enforcement meets, with what the rules ask of each.

Names follow the joint interpretations of the Supreme People's Court and the Supreme People's Procuratorate on
the names of offences (罪名的补充规定), up to the seventh. Two columns carry rules:

- `economic`: police review such a transfer within the limits for economic crime (art. 16 of the 2017
  provisions on how police handle economic crime). Which offences count follows the usual division of work
  between police departments; it was not checked against an official list (mark D).
- `public_interest`: why the case is likely to hold a lead for public-interest litigation. The fields in which
  the procuratorate may sue are those of art. 58 of the Civil Procedure Law and art. 25(4) of the
  Administrative Litigation Law; the judgement per offence is ours (mark D) and only decides who gets a copy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offence:
    """One offence by its Chinese name. `public_interest` says why a lead is likely, or is None.

    `also` holds names that decisions use for it: single acts of a selective offence (选择性罪名), short
    forms, and names from before an amendment.
    """

    zh: str
    en: str
    fields: frozenset[str]
    economic: bool = False
    public_interest: str | None = None
    also: tuple[str, ...] = ()


def _in(*fields: str) -> frozenset[str]:
    return frozenset(fields)


_POLLUTION = "harm to the environment: restoration and damages (生态环境和资源保护)"
_RESOURCES = "harm to natural resources: restoration and damages (生态环境和资源保护)"
_CONSUMERS = "unsafe goods among many consumers: recall, warning, damages (食品药品安全)"
_SAFETY = "continuing danger to the public: supervision of safety at work (安全生产)"
_STATE_MONEY = "loss of state property or unpaid public dues (国有财产保护)"
_PERSONAL_DATA = "personal data of many people (个人信息保护)"
_RELICS = "harm to cultural relics (文物保护)"

OFFENCES: tuple[Offence, ...] = (
    # Environment and resources: Criminal Law arts. 338 to 345.
    Offence(
        "污染环境罪",
        "Polluting the environment",
        _in("environment", "water"),
        public_interest=_POLLUTION,
        also=("环境污染罪", "重大环境污染事故罪"),
    ),
    Offence(
        "非法处置进口的固体废物罪",
        "Illegally disposing of imported waste",
        _in("environment"),
        public_interest=_POLLUTION,
    ),
    Offence(
        "擅自进口固体废物罪",
        "Importing solid waste without leave",
        _in("environment"),
        public_interest=_POLLUTION,
    ),
    Offence("非法捕捞水产品罪", "Illegal fishing", _in("fishery"), public_interest=_RESOURCES),
    Offence(
        "危害珍贵、濒危野生动物罪",
        "Harming rare or endangered wildlife",
        _in("wildlife"),
        public_interest=_RESOURCES,
        also=(
            "非法猎捕、杀害珍贵、濒危野生动物罪",
            "非法收购、运输、出售珍贵、濒危野生动物、珍贵、濒危野生动物制品罪",
        ),
    ),
    Offence("非法狩猎罪", "Illegal hunting", _in("wildlife"), public_interest=_RESOURCES),
    Offence(
        "非法猎捕、收购、运输、出售陆生野生动物罪",
        "Illegally hunting or trading terrestrial wildlife for food",
        _in("wildlife"),
        public_interest=_RESOURCES,
    ),
    Offence(
        "非法占用农用地罪",
        "Illegally occupying farmland",
        _in("land", "wildlife"),
        public_interest=_RESOURCES,
        also=("非法占用耕地罪",),
    ),
    Offence(
        "破坏自然保护地罪",
        "Damaging a nature reserve",
        _in("environment", "land"),
        public_interest=_RESOURCES,
    ),
    Offence("非法采矿罪", "Illegal mining", _in("mining", "water"), public_interest=_RESOURCES),
    Offence("破坏性采矿罪", "Destructive mining", _in("mining"), public_interest=_RESOURCES),
    Offence(
        "危害国家重点保护植物罪",
        "Harming protected plants",
        _in("wildlife"),
        public_interest=_RESOURCES,
        also=("非法采伐、毁坏国家重点保护植物罪",),
    ),
    Offence("盗伐林木罪", "Stealing timber", _in("wildlife"), public_interest=_RESOURCES),
    Offence("滥伐林木罪", "Excessive felling", _in("wildlife"), public_interest=_RESOURCES),
    Offence(
        "非法引进、释放、丢弃外来入侵物种罪",
        "Releasing invasive species",
        _in("wildlife"),
        public_interest=_RESOURCES,
    ),
    Offence(
        "非法转让、倒卖土地使用权罪",
        "Illegally transferring land use rights",
        _in("land"),
        economic=True,
        public_interest=_STATE_MONEY,
        also=("非法转让土地使用权罪", "非法倒卖土地使用权罪"),
    ),
    # Food, drugs and products: arts. 140 to 148.
    Offence(
        "生产、销售不符合安全标准的食品罪",
        "Making or selling food below safety standards",
        _in("food"),
        public_interest=_CONSUMERS,
        also=("生产不符合安全标准的食品罪", "销售不符合安全标准的食品罪"),
    ),
    Offence(
        "生产、销售有毒、有害食品罪",
        "Making or selling toxic or harmful food",
        _in("food"),
        public_interest=_CONSUMERS,
        also=("生产有毒、有害食品罪", "销售有毒、有害食品罪"),
    ),
    Offence(
        "生产、销售、提供假药罪",
        "Making, selling or supplying fake drugs",
        _in("drug"),
        public_interest=_CONSUMERS,
        also=("生产、销售假药罪", "生产假药罪", "销售假药罪", "提供假药罪"),
    ),
    Offence(
        "生产、销售、提供劣药罪",
        "Making, selling or supplying substandard drugs",
        _in("drug"),
        public_interest=_CONSUMERS,
        also=("生产、销售劣药罪", "生产劣药罪", "销售劣药罪", "提供劣药罪"),
    ),
    Offence("妨害药品管理罪", "Obstructing drug administration", _in("drug"), public_interest=_CONSUMERS),
    Offence(
        "生产、销售不符合标准的医用器材罪",
        "Making or selling substandard medical devices",
        _in("drug"),
        public_interest=_CONSUMERS,
        also=("生产不符合标准的医用器材罪", "销售不符合标准的医用器材罪"),
    ),
    Offence(
        "生产、销售不符合安全标准的产品罪",
        "Making or selling unsafe products",
        _in("product_quality"),
        public_interest=_CONSUMERS,
        also=("生产不符合安全标准的产品罪", "销售不符合安全标准的产品罪"),
    ),
    Offence(
        "生产、销售伪劣产品罪",
        "Making or selling fake or inferior products",
        _in("product_quality", "food", "tobacco"),
        public_interest=_CONSUMERS,
        also=("生产伪劣产品罪", "销售伪劣产品罪"),
    ),
    Offence(
        "生产、销售伪劣农药、兽药、化肥、种子罪",
        "Making or selling inferior pesticides, veterinary drugs, fertiliser or seed",
        _in("agriculture"),
        public_interest=_CONSUMERS,
        also=(
            "销售伪劣种子罪",
            "销售伪劣农药罪",
            "销售伪劣兽药罪",
            "销售伪劣化肥罪",
            "生产、销售伪劣种子罪",
            "生产、销售伪劣农药罪",
            "生产、销售伪劣兽药罪",
            "生产、销售伪劣化肥罪",
        ),
    ),
    Offence(
        "生产、销售不符合卫生标准的化妆品罪",
        "Making or selling substandard cosmetics",
        _in("drug"),
        public_interest=_CONSUMERS,
    ),
    # Intellectual property: arts. 213 to 219-1.
    Offence("假冒注册商标罪", "Counterfeiting registered trademarks", _in("ip")),
    Offence("销售假冒注册商标的商品罪", "Selling goods under counterfeit trademarks", _in("ip")),
    Offence(
        "非法制造、销售非法制造的注册商标标识罪",
        "Illegally making or selling trademark labels",
        _in("ip"),
        also=("非法制造注册商标标识罪", "销售非法制造的注册商标标识罪"),
    ),
    Offence("假冒专利罪", "Counterfeiting patents", _in("ip")),
    Offence("侵犯著作权罪", "Infringing copyright", _in("ip", "culture")),
    Offence("销售侵权复制品罪", "Selling infringing copies", _in("ip", "culture")),
    Offence("侵犯商业秘密罪", "Infringing trade secrets", _in("ip", "market")),
    # Tax: arts. 201 to 210-1.
    Offence(
        "逃税罪", "Tax evasion", _in("tax"), economic=True, public_interest=_STATE_MONEY, also=("偷税罪",)
    ),
    Offence("抗税罪", "Resisting taxation by force", _in("tax"), public_interest=_STATE_MONEY),
    Offence(
        "逃避追缴欠税罪",
        "Evading recovery of tax arrears",
        _in("tax"),
        economic=True,
        public_interest=_STATE_MONEY,
    ),
    Offence(
        "骗取出口退税罪",
        "Fraudulent export tax refunds",
        _in("tax"),
        economic=True,
        public_interest=_STATE_MONEY,
    ),
    Offence(
        "虚开增值税专用发票、用于骗取出口退税、抵扣税款发票罪",
        "Falsely issuing special VAT invoices",
        _in("tax"),
        economic=True,
        public_interest=_STATE_MONEY,
        also=("虚开增值税专用发票罪", "虚开用于骗取出口退税、抵扣税款发票罪"),
    ),
    Offence(
        "虚开发票罪", "Falsely issuing invoices", _in("tax"), economic=True, public_interest=_STATE_MONEY
    ),
    Offence("非法出售发票罪", "Illegally selling invoices", _in("tax"), economic=True),
    Offence("持有伪造的发票罪", "Holding forged invoices", _in("tax"), economic=True),
    # Market order and finance.
    Offence(
        "非法经营罪",
        "Illegal business operations",
        _in("tobacco", "market", "drug", "finance"),
        economic=True,
    ),
    Offence("组织、领导传销活动罪", "Organising pyramid selling", _in("market"), economic=True),
    Offence("串通投标罪", "Bid rigging", _in("market", "construction"), economic=True),
    Offence("虚假广告罪", "False advertising", _in("market"), economic=True, public_interest=_CONSUMERS),
    Offence("合同诈骗罪", "Contract fraud", _in("market"), economic=True),
    Offence(
        "提供虚假证明文件罪",
        "Supplying false certificates",
        _in("work_safety", "environment", "market"),
        economic=True,
    ),
    Offence("非法吸收公众存款罪", "Illegally taking deposits from the public", _in("finance"), economic=True),
    Offence("集资诈骗罪", "Fund-raising fraud", _in("finance"), economic=True),
    Offence("走私普通货物、物品罪", "Smuggling ordinary goods", _in("customs"), public_interest=_STATE_MONEY),
    Offence("走私废物罪", "Smuggling waste", _in("customs", "environment"), public_interest=_POLLUTION),
    # Work safety and traffic: arts. 133 to 139.
    Offence(
        "重大责任事故罪",
        "Serious accident through negligence",
        _in("work_safety", "construction"),
        public_interest=_SAFETY,
    ),
    Offence(
        "强令、组织他人违章冒险作业罪",
        "Ordering dangerous work",
        _in("work_safety"),
        public_interest=_SAFETY,
        also=("强令违章冒险作业罪",),
    ),
    Offence("危险作业罪", "Dangerous operations", _in("work_safety"), public_interest=_SAFETY),
    Offence(
        "重大劳动安全事故罪",
        "Serious accident through unsafe premises",
        _in("work_safety"),
        public_interest=_SAFETY,
    ),
    Offence(
        "危险物品肇事罪",
        "Accident with dangerous goods",
        _in("work_safety", "transport"),
        public_interest=_SAFETY,
    ),
    Offence(
        "工程重大安全事故罪", "Serious construction accident", _in("construction"), public_interest=_SAFETY
    ),
    Offence(
        "消防责任事故罪", "Fire accident through negligence", _in("work_safety"), public_interest=_SAFETY
    ),
    Offence(
        "不报、谎报安全事故罪",
        "Concealing an accident",
        _in("work_safety"),
        public_interest=_SAFETY,
        also=("不报安全事故罪", "谎报安全事故罪"),
    ),
    Offence(
        "非法制造、买卖、运输、邮寄、储存爆炸物罪",
        "Illegally making, trading or storing explosives",
        _in("work_safety", "public_security"),
        public_interest=_SAFETY,
        also=(
            "非法制造爆炸物罪",
            "非法买卖爆炸物罪",
            "非法运输爆炸物罪",
            "非法储存爆炸物罪",
            "非法买卖、储存爆炸物罪",
        ),
    ),
    Offence("危险驾驶罪", "Dangerous driving", _in("traffic")),
    Offence("交通肇事罪", "Causing a traffic accident", _in("traffic", "transport")),
    # Labour, health, insurance, order.
    Offence("拒不支付劳动报酬罪", "Refusing to pay wages", _in("labour")),
    Offence("强迫劳动罪", "Forced labour", _in("labour")),
    Offence("雇用童工从事危重劳动罪", "Employing children for dangerous work", _in("labour")),
    Offence("非法行医罪", "Practising medicine illegally", _in("health"), public_interest=_CONSUMERS),
    Offence("妨害传染病防治罪", "Obstructing disease control", _in("health")),
    Offence("诈骗罪", "Fraud", _in("medical_insurance", "public_security"), public_interest=_STATE_MONEY),
    Offence(
        "侵犯公民个人信息罪",
        "Infringing personal data",
        _in("market", "public_security"),
        public_interest=_PERSONAL_DATA,
    ),
    Offence("故意损毁文物罪", "Damaging cultural relics", _in("culture"), public_interest=_RELICS),
    Offence("倒卖文物罪", "Trading in cultural relics", _in("culture"), public_interest=_RELICS),
    Offence("非法出售、提供试题、答案罪", "Selling examination papers", _in("public_security")),
    Offence("赌博罪", "Gambling", _in("public_security")),
    Offence("开设赌场罪", "Running a gambling house", _in("public_security")),
)


_BY_NAME: dict[str, Offence] = {name: row for row in OFFENCES for name in (row.zh, *row.also)}
_REMARK = re.compile(r"[（(].*?[）)]")
_SEVERAL = re.compile(r"(?<=罪)[、，,和及;；]")


def find(name: str | None) -> Offence | None:
    """The offence that an agency wrote as `name`; None if the table does not have it, which is no error.

    Remarks in brackets, spaces and a missing 罪 do not matter. Of several offences the first known counts.
    """
    if not name:
        return None
    text = "".join(_REMARK.sub("", name).split())
    for one in (text, f"{text}罪", *_SEVERAL.split(text)):
        if one in _BY_NAME:
            return _BY_NAME[one]
    return None
