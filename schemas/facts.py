"""The facts (事实要素) by which an event can be held against prosecution standards: codes, meaning and unit.

An event says them in its `facts`: `{"code": "hazardous_waste_kg", "value": 3200}`. Values are whole numbers in the
unit of the code, so money is in fen and a ratio in hundredths. A statement that is true has the value 1. A code that
is not in this table is admitted and flagged; nothing is compared with it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """One kind of fact. `per` values make one `unit` as people read it; no unit: a statement, 1 if it is true."""

    code: str
    zh: str
    en: str
    unit: str = ""
    unit_en: str = ""
    per: int = 1

    def shown(self, value: int) -> str:
        """`value` as people read it, with its unit: `3.2吨`."""
        if not self.unit:
            return "是" if value else "否"
        whole, rest = divmod(value, self.per)
        digits = f"{rest:0{len(str(self.per)) - 1}d}".rstrip("0") if rest else ""
        return f"{whole}{'.' if digits else ''}{digits}{self.unit}"


def _money(code: str, zh: str, en: str) -> Fact:
    return Fact(code, zh, en, "元", "yuan", 100)


def _mu(code: str, zh: str, en: str) -> Fact:
    return Fact(code, zh, en, "亩", "mu", 100)


def _count(code: str, zh: str, en: str, unit: str, unit_en: str) -> Fact:
    return Fact(code, zh, en, unit, unit_en)


FACTS: tuple[Fact, ...] = (
    # Money, whatever the offence
    _money("amount_fen", "涉案金额（未区分性质）", "amount involved, of no stated nature"),
    _money("sales_fen", "生产、销售金额", "amount of production or sales"),
    _money("stock_value_fen", "尚未销售的货值金额", "value of unsold goods"),
    _money("business_fen", "非法经营数额", "amount of illegal business"),
    _money("gain_fen", "违法所得", "illegal gain"),
    _money("loss_fen", "造成的直接经济损失", "direct loss caused"),
    # Record and aggravation
    _count(
        "penalties_2y",
        "二年内因同类违法受过的行政处罚",
        "penalties for the like within 2 years",
        "次",
        "times",
    ),
    _count(
        "penalties_3y",
        "三年内因同类违法受过的行政处罚",
        "penalties for the like within 3 years",
        "次",
        "times",
    ),
    _count("duration_months", "持续时间", "how long it went on", "个月", "months"),
    Fact("large_quantity", "数量较大", "large quantity"),
    Fact(
        "infant_or_medical_food", "特殊医学用途配方食品或者婴幼儿主辅食品", "food for medical use or infants"
    ),
    Fact("young_or_old_buyers", "面向未成年人、老年人销售", "sold to the young or the old"),
    # Environment
    Fact("hazardous_waste_kg", "危险废物", "hazardous waste", "吨", "t", 1000),
    Fact(
        "heavy_metal_ratio",
        "铅、汞、镉、铬、砷、铊、锑的浓度与排放标准之比",
        "concentration of Pb, Hg, Cd, Cr, As, Tl or Sb by the standard",
        "倍",
        "times",
        100,
    ),
    Fact(
        "metal_ratio",
        "镍、铜、锌、银、钒、锰、钴的浓度与排放标准之比",
        "concentration of Ni, Cu, Zn, Ag, V, Mn or Co by the standard",
        "倍",
        "times",
        100,
    ),
    Fact("toxic_in_protected_area", "在重点保护区域排放有毒物质", "toxic substances in a protected area"),
    Fact(
        "toxic_by_evasion", "通过暗管、渗井等逃避监管的方式排放有毒物质", "toxic substances by a hidden way"
    ),
    Fact(
        "monitoring_data_forged", "重点单位篡改、伪造自动监测数据", "monitoring data forged by a key polluter"
    ),
    # Land, forests, minerals
    _mu("basic_farmland_occupied_mu", "非法占用并毁坏的基本农田", "basic farmland occupied and ruined"),
    _mu("other_farmland_occupied_mu", "非法占用并毁坏的其他耕地", "other farmland occupied and ruined"),
    _mu("public_forest_occupied_mu", "非法占用并毁坏的公益林地", "public-benefit forest occupied and ruined"),
    _mu("commercial_forest_occupied_mu", "非法占用并毁坏的商品林地", "commercial forest occupied and ruined"),
    _mu("basic_farmland_sold_mu", "非法转让、倒卖的基本农田", "basic farmland sold"),
    _mu("other_farmland_sold_mu", "非法转让、倒卖的其他耕地", "other farmland sold"),
    _mu("other_land_sold_mu", "非法转让、倒卖的其他土地", "other land sold"),
    _money("mineral_value_fen", "矿产品价值或者矿产资源破坏的价值", "value of the minerals taken or ruined"),
    Fact(
        "protected_mining",
        "在规划矿区、禁采区、禁采期采矿或者保护性矿种",
        "protected area, season or mineral",
    ),
    Fact("timber_litres", "立木蓄积", "standing timber", "立方米", "m³", 1000),
    _count("saplings", "幼树", "saplings", "株", "saplings"),
    _money("timber_value_fen", "林木价值", "value of the timber"),
    # Wildlife and fishery
    _money("protected_animals_value_fen", "珍贵、濒危野生动物及其制品价值", "value of rare animals"),
    _money("game_value_fen", "非法猎捕的野生动物价值", "value of the game"),
    _count("catch_kg", "非法捕捞的水产品", "illegal catch", "公斤", "kg"),
    _money("catch_value_fen", "非法捕捞的水产品价值", "value of the illegal catch"),
    Fact("closed_area_or_season", "在禁渔（猎）区或者禁渔（猎）期", "closed area or season"),
    Fact("destructive_gear", "使用严重破坏资源的禁用方法、工具", "forbidden, destructive gear or method"),
    # Tobacco, intellectual property
    _count("cigarettes", "非法经营的卷烟", "cigarettes", "支", "sticks"),
    _count("trademarks", "假冒的注册商标", "trademarks counterfeited", "种", "kinds"),
    _count("labels", "非法制造、销售的商标标识", "labels made or sold", "件", "pieces"),
    # Tax
    _money("tax_evaded_fen", "逃避缴纳的税款", "tax evaded"),
    Fact("tax_evaded_ratio", "逃避缴纳税款占应纳税额", "share of the tax due", "%", "%", 100),
    _money("false_invoice_tax_fen", "虚开的税款", "tax on false invoices"),
    _money("export_refund_fen", "骗取的出口退税款", "export refunds taken by fraud"),
    # Wages
    _count("unpaid_workers", "被拖欠报酬的劳动者", "unpaid workers", "人", "workers"),
    _count("unpaid_months", "拖欠报酬的时间", "how long unpaid", "个月", "months"),
    _money("unpaid_wages_fen", "拖欠的劳动报酬", "unpaid wages"),
    # Accidents
    _count("deaths", "死亡", "deaths", "人", "persons"),
    _count("serious_injuries", "重伤", "serious injuries", "人", "persons"),
)

FACT_BY_CODE: dict[str, Fact] = {row.code: row for row in FACTS}
