"""How the gateway tells a broker that is away from one that has nothing to answer: pure."""

from __future__ import annotations

from producers.gateway.ingress import Silence


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_silence_lasts_from_the_first_unanswered_group_to_the_next_acknowledgement() -> None:
    clock = Clock()
    silence = Silence(clock)
    assert silence.seconds == 0
    silence.asked()
    silence.asked()
    clock.at = 7.0
    assert silence.seconds == 7.0
    silence.answered()
    assert silence.seconds == 0
    clock.at = 9.0
    assert silence.seconds == 2.0
    silence.answered()
    assert silence.seconds == 0


def test_a_failure_is_no_answer_even_when_nothing_waits_any_more() -> None:
    clock = Clock()
    silence = Silence(clock)
    silence.asked()
    silence.failed()
    clock.at = 3.0
    assert silence.seconds == 3.0
    silence.asked()
    clock.at = 4.0
    assert silence.seconds == 4.0


def test_a_broker_that_was_found_again_is_not_silent() -> None:
    clock = Clock()
    silence = Silence(clock)
    silence.asked()
    silence.failed()
    clock.at = 3.0
    silence.ended()
    assert silence.seconds == 0
    clock.at = 5.0
    assert silence.seconds == 0
