"""The texts that limits are taken from, with their first days, and what the rows of `statutes` share."""

from __future__ import annotations

from datetime import date

from schemas.units import Role

# First days of the texts, and the texts themselves.
SINCE_2001, SINCE_2020 = date(2001, 7, 9), date(2020, 8, 7)
ORDER_2001 = "《行政执法机关移送涉嫌犯罪案件的规定》（国务院令第310号，2001）"
ORDER_2020 = "《行政执法机关移送涉嫌犯罪案件的规定》（国务院令第310号，2020修订）"
JOINT_2006, JOINT = date(2006, 3, 2), "《关于在行政执法中及时移送涉嫌犯罪案件的意见》（高检会〔2006〕2号）"
PENALTY_2021, PENALTY = date(2021, 7, 15), "《行政处罚法》（2021）"
POLICE_2020, POLICE = date(2020, 9, 1), "《公安机关办理刑事案件程序规定》（2020）"
REFORM_2015, REFORM = date(2015, 11, 4), "公安部《关于改革完善受案立案制度的意见》（2015）"
ECONOMIC_2018 = date(2018, 1, 1)
ECONOMIC = "《最高检 公安部关于公安机关办理经济犯罪案件的若干规定》（公通字〔2017〕25号）"
ENVIRONMENT_2017 = date(2017, 1, 25)
ENVIRONMENT = "《环境保护行政执法与刑事司法衔接工作办法》（环环监〔2017〕17号）"
SAFETY_2019, SAFETY = date(2019, 4, 16), "《安全生产行政执法与刑事司法衔接工作办法》（应急〔2019〕54号）"
RULES_2012, OLD_RULES = date(2013, 1, 1), "《人民检察院刑事诉讼规则（试行）》（2012）"
RULES_2019, RULES = date(2019, 12, 30), "《人民检察院刑事诉讼规则》（2019）"
PROCEDURE_2018, PROCEDURE = date(2018, 10, 26), "《刑事诉讼法》（2018）"
LINKAGE_2021 = date(2021, 9, 6)
LINKAGE = "《最高检关于推进行政执法与刑事司法衔接工作的规定》（高检发释字〔2021〕4号）"
GUIDE_2024, GUIDE = date(2024, 11, 26), "《人民检察院行刑反向衔接工作指引》（2024）"
SUGGESTION_2019, SUGGESTION = date(2019, 2, 26), "《人民检察院检察建议工作规定》（2019）"
PIL_2018, PIL = date(2018, 3, 2), "《两高关于检察公益诉讼案件适用法律若干问题的解释》"
FILING_2010 = date(2010, 7, 26)
FILING_SUPERVISION = "《最高检 公安部关于刑事立案监督有关问题的规定（试行）》（高检会〔2010〕5号）"
POLICE_CASES_2016 = date(2016, 6, 16)
POLICE_CASES = "《公安机关受理行政执法机关移送涉嫌犯罪案件规定》（公通字〔2016〕16号）"
SPP_2001_SINCE = date(2001, 12, 3)
SPP_2001 = "《人民检察院办理行政执法机关移送涉嫌犯罪案件的规定》（2001）"
FOOD_2015 = date(2015, 12, 22)
FOOD = "食品药品行政执法与刑事司法衔接的地方做法（宁夏，2015，外地）"
TARGET = "内部时限，非法定期限 — office target, no statutory limit"
IN_LETTER = "文书载明的期限 — period set in the letter"

# What follows a breach, and who is told if nothing happens even then.
LATE_TRANSFER = "责令限期移送，负责人记过以上处分（第16条）— ordered to transfer, demerit or more (art. 16)"
LATE_FILING = "立案监督，责令改正，记过以上处分（第17条）— filing supervision, demerit or more (art. 17)"
LATE_ITEMS = "第15条、第16条 — arts. 15 and 16"
LAPSES = "权利失效 — the right lapses"
SUPERVISED = "立案监督 — filing supervision"
FOLLOWED_UP = "跟进监督，检察建议 — follow-up, procuratorial suggestion"
REPORTED_UP = "报上级检察院，通报其上级机关 — reported to the higher procuratorate and the superior"
SUED = "提起行政公益诉讼 — suit"
UP = (Role.SUPERIOR,)
UP_AND_JUSTICE = (Role.SUPERIOR, Role.JUSTICE)
UNDECIDED, UNANSWERED = "filing.undecided_overdue", "reverse.reply_overdue"

UNDER_COUNTY_HEAD = (("county_head", 30), ("higher_organ", 60))
"""Filing review: total days once the head of the county-level organ, then the next higher organ has approved."""

ENVIRONMENTAL = frozenset({"environment"})
