"""The prosecution standards (追诉标准) that facts are held against, offence by offence, as one table.

Only what can be said in numbers or by a plain statement stands here; a standard may have further items that ask for
a person's judgement. Where a text leaves the figure to the provinces, its lowest figure stands here. The unspecific
`amount_fen` stands in where a standard asks for the turnover, because that is what most events have: a question to
ask, not a finding.
"""

from __future__ import annotations

from datetime import date

from consumers.sources import LegalText, Mark, agreed
from consumers.thresholds.standard import AtLeast, Item, Standard

_LAW = LegalText("《刑法》", "Criminal Law")
_POLLUTION_2023 = LegalText(
    "《两高关于办理环境污染刑事案件适用法律若干问题的解释》（法释〔2023〕7号）",
    "Interpretation of 2023 on environmental pollution",
)
_POLLUTION_2016 = LegalText(
    "《两高关于办理环境污染刑事案件适用法律若干问题的解释》（2016）",
    "Interpretation of 2016 on environmental pollution",
)
_POLLUTION_2013 = LegalText(
    "《两高关于办理环境污染刑事案件适用法律若干问题的解释》（法释〔2013〕15号）",
    "Interpretation of 2013 on environmental pollution",
)
_FOOD = LegalText(
    "《两高关于办理危害食品安全刑事案件适用法律若干问题的解释》（2021）",
    "Interpretation of 2021 on food safety",
)
_TOBACCO = LegalText(
    "《两高关于办理非法生产、销售烟草专卖品等刑事案件具体应用法律若干问题的解释》（2010）",
    "Interpretation of 2010 on tobacco",
)
_GOODS = LegalText(
    "《两高关于办理生产、销售伪劣商品刑事案件具体应用法律若干问题的解释》（2001）",
    "Interpretation of 2001 on fake and inferior goods",
)
_IP = LegalText(
    "《两高关于办理侵犯知识产权刑事案件具体应用法律若干问题的解释》（2004）",
    "Interpretation of 2004 on intellectual property",
)
_IP_OPINION = LegalText(
    "《关于办理侵犯知识产权刑事案件适用法律若干问题的意见》（2011）",
    "Opinion of 2011 on intellectual property",
)
_TAX = LegalText(
    "《两高关于办理危害税收征管刑事案件适用法律若干问题的解释》（法释〔2024〕4号）",
    "Interpretation of 2024 on tax crime",
)
_WAGES = LegalText(
    "《最高法关于审理拒不支付劳动报酬刑事案件适用法律若干问题的解释》（2013）",
    "Interpretation of 2013 on unpaid wages",
)
_LAND = LegalText(
    "《最高法关于审理破坏土地资源刑事案件具体应用法律若干问题的解释》（2000）",
    "Interpretation of 2000 on land",
)
_FOREST = LegalText(
    "《最高法关于审理破坏森林资源刑事案件适用法律若干问题的解释》（法释〔2023〕8号）",
    "Interpretation of 2023 on forests",
)
_WILDLIFE = LegalText(
    "《两高关于办理破坏野生动物资源刑事案件适用法律若干问题的解释》（法释〔2022〕12号）",
    "Interpretation of 2022 on wildlife",
)
_MINING = LegalText(
    "《两高关于办理非法采矿、破坏性采矿刑事案件适用法律若干问题的解释》（2016）",
    "Interpretation of 2016 on mining",
)
_ACCIDENTS = LegalText(
    "《两高关于办理危害生产安全刑事案件适用法律若干问题的解释》（2015）",
    "Interpretation of 2015 on work safety",
)

_PROVINCE = agreed(
    "各省可在幅度内确定具体数额，此处按下限比对", "provinces set the figure; the lowest is used here"
)
_GRAVER = agreed(
    "此为“其他严重情节”标准，入罪标准须由人判断",
    "the grade of other serious circumstances; the entry test needs a person's judgement",
)
_LATER_TEXT = agreed("2025年可能有新解释，未核对", "a newer text of 2025 is said to exist and was not read")
_INTENT = agreed("明知、以牟利为目的等主观要件须由人判断", "intent and knowledge need a person's judgement")
_SAMPLED = agreed(
    "比值为实测浓度除以排放标准限值", "the ratio is what was measured by the limit of the standard"
)


def _yuan(amount: int) -> int:
    return amount * 100


def _mu(area: float) -> int:
    return round(area * 100)


def _any(article: str, *items: tuple[str, tuple[AtLeast, ...]]) -> tuple[Item, ...]:
    return tuple(Item(article, number, needs) for number, needs in items)


def _one(fact: str, value: int = 1) -> tuple[AtLeast, ...]:
    return (AtLeast(fact, value),)


def _both(*needs: tuple[str, int]) -> tuple[AtLeast, ...]:
    return tuple(AtLeast(fact, value) for fact, value in needs)


_POLLUTION_ITEMS = _any(
    "1",
    ("一", _one("toxic_in_protected_area")),
    ("二", _one("hazardous_waste_kg", 3_000)),
    ("三", _one("heavy_metal_ratio", 300)),
    ("四", _one("metal_ratio", 1_000)),
    ("五", _one("toxic_by_evasion")),
    ("七", _one("monitoring_data_forged")),
    ("九", _one("gain_fen", _yuan(300_000))),
    ("九", _one("loss_fen", _yuan(300_000))),
)
_FOOD_AGGRAVATED = tuple(
    (number, _both(("sales_fen", _yuan(100_000)), (fact, value)))
    for number, fact, value in (
        ("二", "large_quantity", 1),
        ("二", "duration_months", 6),
        ("三", "infant_or_medical_food", 1),
        ("四", "young_or_old_buyers", 1),
        ("五", "penalties_2y", 1),
    )
)
_FOOD_ITEMS = (("一", _one("sales_fen", _yuan(200_000))), *_FOOD_AGGRAVATED)
_ACCIDENT_ITEMS = _any(
    "6",
    ("一", _one("deaths", 1)),
    ("一", _one("serious_injuries", 3)),
    ("二", _one("loss_fen", _yuan(1_000_000))),
)
_SINCE_2001, _SINCE_2004 = date(2001, 4, 10), date(2004, 12, 22)

STANDARDS: tuple[Standard, ...] = (
    Standard(
        "TH-338-2023",
        "污染环境罪",
        _POLLUTION_2023,
        Mark.VERIFIED,
        date(2023, 8, 15),
        (*_POLLUTION_ITEMS, Item("1", "八", _both(("penalties_2y", 2)))),
        remark=_SAMPLED,
    ),
    Standard(
        "TH-338-2016",
        "污染环境罪",
        _POLLUTION_2016,
        Mark.VERIFIED,
        date(2017, 1, 1),
        (*_POLLUTION_ITEMS, Item("1", "六", _both(("penalties_2y", 2)))),
        until=date(2023, 8, 15),
        remark=_SAMPLED,
    ),
    Standard(
        "TH-338-2013",
        "污染环境罪",
        _POLLUTION_2013,
        Mark.MEMORY,
        date(2013, 6, 19),
        _any(
            "1",
            ("二", _one("hazardous_waste_kg", 3_000)),
            ("三", _one("heavy_metal_ratio", 300)),
            ("三", _one("metal_ratio", 300)),
            ("九", _one("loss_fen", _yuan(300_000))),
        ),
        until=date(2017, 1, 1),
        remark=_SAMPLED,
        profile="pollution-2013",
    ),
    Standard(
        "TH-143-2021",
        "生产、销售不符合安全标准的食品罪",
        _FOOD,
        Mark.VERIFIED,
        date(2022, 1, 1),
        _any("3", *_FOOD_ITEMS),
        remark=_GRAVER,
    ),
    Standard(
        "TH-144-2021",
        "生产、销售有毒、有害食品罪",
        _FOOD,
        Mark.VERIFIED,
        date(2022, 1, 1),
        _any("7", *_FOOD_ITEMS),
        remark=_GRAVER,
    ),
    Standard(
        "TH-140",
        "生产、销售伪劣产品罪",
        _LAW,
        Mark.VERIFIED,
        date(1997, 10, 1),
        _any(
            "140",
            ("", _one("sales_fen", _yuan(50_000))),
            ("", _one("amount_fen", _yuan(50_000))),
        ),
    ),
    Standard(
        "TH-140-stock",
        "生产、销售伪劣产品罪",
        _GOODS,
        Mark.VERIFIED,
        _SINCE_2001,
        (Item("2(2)", "", _one("stock_value_fen", _yuan(150_000))),),
    ),
    Standard(
        "TH-225-tobacco",
        "非法经营罪",
        _TOBACCO,
        Mark.VERIFIED,
        date(2010, 3, 26),
        _any(
            "3",
            ("一", _one("business_fen", _yuan(50_000))),
            ("一", _one("gain_fen", _yuan(20_000))),
            ("一", _one("amount_fen", _yuan(50_000))),
            ("二", _one("cigarettes", 200_000)),
            ("三", _both(("penalties_3y", 2), ("business_fen", _yuan(30_000)))),
        ),
        fields=frozenset({"tobacco"}),
    ),
    Standard(
        "TH-213-2004",
        "假冒注册商标罪",
        _IP,
        Mark.VERIFIED,
        _SINCE_2004,
        _any(
            "1(1)",
            ("一", _one("business_fen", _yuan(50_000))),
            ("一", _one("gain_fen", _yuan(30_000))),
            ("一", _one("amount_fen", _yuan(50_000))),
            ("二", _both(("trademarks", 2), ("business_fen", _yuan(30_000)))),
            ("二", _both(("trademarks", 2), ("gain_fen", _yuan(20_000)))),
        ),
        remark=_LATER_TEXT,
    ),
    Standard(
        "TH-214-2004",
        "销售假冒注册商标的商品罪",
        _IP,
        Mark.VERIFIED,
        _SINCE_2004,
        _any("2", ("", _one("sales_fen", _yuan(50_000))), ("", _one("amount_fen", _yuan(50_000)))),
        remark=_LATER_TEXT,
    ),
    Standard(
        "TH-214-stock",
        "销售假冒注册商标的商品罪",
        _IP_OPINION,
        Mark.MEMORY,
        date(2011, 1, 10),
        (Item("8", "", _one("stock_value_fen", _yuan(150_000))),),
        profile="ip-2011",
    ),
    Standard(
        "TH-215-2004",
        "非法制造、销售非法制造的注册商标标识罪",
        _IP,
        Mark.VERIFIED,
        _SINCE_2004,
        _any(
            "3(1)",
            ("一", _one("labels", 20_000)),
            ("一", _one("business_fen", _yuan(50_000))),
            ("一", _one("gain_fen", _yuan(30_000))),
            ("二", _both(("trademarks", 2), ("labels", 10_000))),
            ("二", _both(("trademarks", 2), ("business_fen", _yuan(30_000)))),
            ("二", _both(("trademarks", 2), ("gain_fen", _yuan(20_000)))),
        ),
        remark=_LATER_TEXT,
    ),
    Standard(
        "TH-201-2024",
        "逃税罪",
        _TAX,
        Mark.VERIFIED,
        date(2024, 3, 20),
        (Item("2", "", _both(("tax_evaded_fen", _yuan(100_000)), ("tax_evaded_ratio", 1_000))),),
        remark=agreed(
            "比例依《刑法》第201条；依法补缴并受处罚的可不追究",
            "the share is that of art. 201 of the Criminal Law; who pays up in time is not prosecuted",
        ),
    ),
    Standard(
        "TH-204-2024",
        "骗取出口退税罪",
        _TAX,
        Mark.VERIFIED,
        date(2024, 3, 20),
        (Item("8", "", _one("export_refund_fen", _yuan(100_000))),),
    ),
    Standard(
        "TH-205-2024",
        "虚开增值税专用发票、用于骗取出口退税、抵扣税款发票罪",
        _TAX,
        Mark.VERIFIED,
        date(2024, 3, 20),
        (Item("11", "", _one("false_invoice_tax_fen", _yuan(100_000))),),
    ),
    Standard(
        "TH-276-1",
        "拒不支付劳动报酬罪",
        _WAGES,
        Mark.VERIFIED,
        date(2013, 1, 23),
        _any(
            "3",
            ("一", _both(("unpaid_workers", 1), ("unpaid_months", 3), ("unpaid_wages_fen", _yuan(5_000)))),
            ("二", _both(("unpaid_workers", 10), ("unpaid_wages_fen", _yuan(30_000)))),
        ),
        remark=agreed(
            "须经责令支付仍不支付；各省可在幅度内确定具体数额，此处按下限比对",
            "only after an order to pay was not obeyed; provinces set the figure, the lowest is used here",
        ),
    ),
    Standard(
        "TH-342-farmland",
        "非法占用农用地罪",
        _LAND,
        Mark.VERIFIED,
        date(2000, 6, 22),
        _any(
            "3",
            ("一", _one("basic_farmland_occupied_mu", _mu(5))),
            ("一", _one("other_farmland_occupied_mu", _mu(10))),
        ),
    ),
    Standard(
        "TH-342-forest",
        "非法占用农用地罪",
        _FOREST,
        Mark.VERIFIED,
        date(2023, 8, 15),
        _any(
            "1(2)",
            ("一", _one("public_forest_occupied_mu", _mu(5))),
            ("二", _one("commercial_forest_occupied_mu", _mu(10))),
            ("四", _both(("penalties_2y", 2), ("public_forest_occupied_mu", _mu(2.5)))),
            ("四", _both(("penalties_2y", 2), ("commercial_forest_occupied_mu", _mu(5)))),
        ),
    ),
    Standard(
        "TH-228",
        "非法转让、倒卖土地使用权罪",
        _LAND,
        Mark.VERIFIED,
        date(2000, 6, 22),
        _any(
            "1",
            ("一", _one("basic_farmland_sold_mu", _mu(5))),
            ("二", _one("other_farmland_sold_mu", _mu(10))),
            ("三", _one("other_land_sold_mu", _mu(20))),
            ("四", _one("gain_fen", _yuan(500_000))),
        ),
        remark=_INTENT,
    ),
    Standard(
        "TH-343",
        "非法采矿罪",
        _MINING,
        Mark.VERIFIED,
        date(2016, 12, 1),
        _any(
            "3",
            ("一", _one("mineral_value_fen", _yuan(100_000))),
            ("二", _both(("protected_mining", 1), ("mineral_value_fen", _yuan(50_000)))),
            ("三", _one("penalties_2y", 2)),
        ),
        remark=_PROVINCE,
    ),
    Standard(
        "TH-345-stolen",
        "盗伐林木罪",
        _FOREST,
        Mark.VERIFIED,
        date(2023, 8, 15),
        _any(
            "4",
            ("一", _one("timber_litres", 5_000)),
            ("二", _one("saplings", 200)),
            ("四", _one("timber_value_fen", _yuan(20_000))),
        ),
        remark=_INTENT,
    ),
    Standard(
        "TH-345-excess",
        "滥伐林木罪",
        _FOREST,
        Mark.VERIFIED,
        date(2023, 8, 15),
        _any(
            "6",
            ("一", _one("timber_litres", 20_000)),
            ("二", _one("saplings", 1_000)),
            ("四", _one("timber_value_fen", _yuan(50_000))),
        ),
    ),
    Standard(
        "TH-341-1",
        "危害珍贵、濒危野生动物罪",
        _WILDLIFE,
        Mark.VERIFIED,
        date(2022, 4, 9),
        (Item("6", "", _one("protected_animals_value_fen", _yuan(20_000))),),
    ),
    Standard(
        "TH-341-2",
        "非法狩猎罪",
        _WILDLIFE,
        Mark.VERIFIED,
        date(2022, 4, 9),
        _any(
            "7",
            ("一", _one("game_value_fen", _yuan(10_000))),
            ("二、三", _both(("closed_area_or_season", 1), ("destructive_gear", 1))),
        ),
    ),
    Standard(
        "TH-340",
        "非法捕捞水产品罪",
        _WILDLIFE,
        Mark.VERIFIED,
        date(2022, 4, 9),
        _any(
            "3",
            ("一", _one("catch_kg", 500)),
            ("一", _one("catch_value_fen", _yuan(10_000))),
            ("三、四", _both(("closed_area_or_season", 1), ("destructive_gear", 1))),
        ),
        remark=agreed(
            "数量、价值标准以禁渔区、禁渔期或者禁用工具、方法为前提",
            "weight and value count only in a closed area or season or with forbidden gear",
        ),
    ),
    Standard(
        "TH-134",
        "重大责任事故罪",
        _ACCIDENTS,
        Mark.VERIFIED,
        date(2015, 12, 16),
        _ACCIDENT_ITEMS,
        remark=agreed("责任划分须由事故调查认定", "who is responsible is for the accident inquiry to find"),
    ),
)
