"""The fields of administrative enforcement (执法领域) that an event, a unit or a rule may name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `code` is the value of the `ce_field` header and of `fields` in the register of units."""

    code: str
    zh: str
    en: str


FIELDS: tuple[Field, ...] = (
    Field("environment", "生态环境", "Environment"),
    Field("water", "水务水资源", "Water resources"),
    Field("work_safety", "安全生产", "Work safety"),
    Field("ip", "知识产权", "Intellectual property"),
    Field("food", "食品安全", "Food safety"),
    Field("drug", "药品安全", "Drugs and medical devices"),
    Field("tobacco", "烟草专卖", "Tobacco monopoly"),
    Field("tax", "税务", "Tax"),
    Field("labour", "劳动保障", "Labour protection"),
    Field("land", "自然资源", "Land and natural resources"),
    Field("mining", "矿产资源", "Mineral resources"),
    Field("wildlife", "林业和野生动物", "Forestry and wildlife"),
    Field("fishery", "渔业", "Fishery"),
    Field("agriculture", "农业（种子农药兽药）", "Agriculture: seeds, pesticides, veterinary drugs"),
    Field("product_quality", "产品质量", "Product quality"),
    Field("market", "市场秩序", "Market order: competition, advertising, pyramid selling"),
    Field("traffic", "道路交通", "Road traffic"),
    Field("transport", "交通运输", "Transport"),
    Field("construction", "住房和城乡建设", "Housing and construction"),
    Field("urban", "城市管理", "Urban management"),
    Field("finance", "金融监管", "Finance"),
    Field("customs", "海关", "Customs"),
    Field("health", "卫生健康", "Health"),
    Field("medical_insurance", "医疗保障", "Medical insurance"),
    Field("culture", "文化旅游和文物", "Culture, tourism and cultural relics"),
    Field("public_security", "治安管理", "Public security administration"),
)

FIELD_BY_CODE: dict[str, Field] = {row.code: row for row in FIELDS}
