"""What is flagged is said to officials in Chinese first, and in English after it."""

from __future__ import annotations

from tests.consumers.casework.story import Story, details


def opened() -> Story:
    story = Story()
    story.say("by-env", "admin_case.filed")
    return story


def sent() -> Story:
    story = opened()
    story.say("by-env", "transfer.sent", addressee="by-police")
    return story


def test_an_event_out_of_order_is_told_with_the_state_of_the_case() -> None:
    (told,) = details(opened().say("by-env", "reconsideration.requested", addressee="by-police"))
    assert told == (
        "次序异常：案件处于“行政立案”状态时出现“提请复议”"
        " — reconsideration.requested does not follow ADMIN_FILED (administrative case filed) in legal order"
    )


def test_an_event_out_of_order_on_the_way_back_is_told_with_the_state_of_that_track() -> None:
    (told,) = details(sent().say("by-env", "reverse.replied", letter_no="1"))
    assert told == (
        "次序异常：反向移送处于“未启动”状态时出现“书面回复”"
        " — reverse.replied does not follow the start (not begun) of the reverse track in legal order"
    )


def test_police_that_are_not_in_charge_are_named() -> None:
    story = sent()
    story.say("by-police", "transfer.forwarded", addressee="hd-police")
    (told,) = details(story.say("by-police", "filing.accepted"))
    assert told == (
        "“决定立案”由白云区公安分局（by-police）作出，但案件由花都区公安分局（hd-police）办理"
        " — filing.accepted by by-police, but the case is with hd-police"
    )


def test_a_missing_step_is_told_with_its_article() -> None:
    (told,) = details(opened().say("by-pil", "pil.suit_filed", addressee="by-court", kind="civil"))
    assert told == (
        "“提起公益诉讼”之前缺少“诉前公告”："
        "《两高关于检察公益诉讼案件适用法律若干问题的解释》第13条：提起民事公益诉讼前公告30日"
        " — pil.suit_filed without pil.announced: Interpretation on public-interest litigation, art. 13: "
        "announcement of 30 days before a civil suit"
    )


def test_an_opinion_for_a_higher_organ_is_told_with_its_basis() -> None:
    told = details(
        opened().say("by-criminal", "opinion.to_transfer_issued", addressee="gz-env", letter_no="1")
    )
    assert told[0] == (
        "“检察意见（督促移送）”发往广州市生态环境局（gz-env）："
        "《人民检察院行刑反向衔接工作指引》（2024）：对上级机关的意见，由与其同级的人民检察院提出"
        " — opinion.to_transfer_issued to gz-env: Reverse Linkage Guide of 2024: "
        "an opinion for a higher organ goes through the procuratorate of that level"
    )


def test_a_duty_without_a_recipient_says_who_was_looked_for() -> None:
    unknown = opened().say("by-env", "consult.asked", addressee="gd-env-province", consultation_no="1")
    assert details(unknown) == [
        "“双向咨询”的接收单位gd-env-province不在单位名册中 — consult.asked: gd-env-province is not in the register"
    ]
    story = Story(origin="hd-market")
    story.say("hd-market", "transfer.sent", addressee="hd-police")
    assert details(story.say("hd-criminal", "case.prosecuted")) == [
        "“提起公诉”没有单位接收办理：未找到受文单位或者人民法院 — case.prosecuted: nobody acts as addressee or CT"
    ]


def test_a_parked_speaker_and_an_uninvited_one_are_named_with_the_case() -> None:
    parked = sent().say("hd-police", "filing.accepted").parked
    assert parked is not None
    assert parked.detail == (
        "花都区公安分局（hd-police）报送“决定立案”，但未参与白云区生态环境分局（by-env）的案件 A-1"
        " — hd-police says filing.accepted, but plays no part in case A-1 of by-env"
    )
    assert details(opened().say("by-police", "filing.accepted"))[0] == (
        "白云区公安分局（by-police）报送“决定立案”，但此前白云区生态环境分局（by-env）的案件 A-1 未曾送达该单位"
        " — by-police says filing.accepted, though nothing brought it case A-1 of by-env"
    )
    assert details(Story().say("by-police", "consult.asked"))[0] == (
        "白云区生态环境分局（by-env）的案件 A-1 的首个事件由白云区公安分局（by-police）报送"
        " — the first event of case A-1 of by-env is said by by-police"
    )
