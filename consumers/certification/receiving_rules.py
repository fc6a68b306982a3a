"""Whether a system takes what is delivered as it must, by asking or by webhook: pure, over what was watched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from consumers.certification.scenario import (
    NOT_SHOWN,
    Evidence,
    Finding,
    Words,
    failed,
    open_yet,
    passed,
)
from consumers.certification.watched import Exchange, Meddling, Probe, Reply, Watched

_FEED = "/v1/feeds/me"
_ACK = "/v1/feeds/me/ack"
_STREAM = "/v1/feeds/me/stream"


def cursor(seen: Watched) -> Finding:
    """It goes on where the last page ended, and skips nothing."""
    delivered = 0
    for _, one in seen.asking("GET", _FEED):
        if one.path not in (_FEED, _STREAM):
            continue
        after = _asked_after(one)
        if one.path == _FEED and after > delivered:
            told = (
                f"从{after}之后读取，但只送达到{delivered}",
                f"read behind {after}, but {delivered} was delivered",
            )
            return failed(_at(one, *told))
        if after > 0 and one.done:
            return passed(_at(one, f"从{after}之后继续读取", f"went on behind {after}"))
        delivered = max(delivered, _next(one))
    return NOT_SHOWN


def acknowledgement(seen: Watched) -> Finding:
    """What was delivered is acknowledged, up to the last and not beyond."""
    delivered = acknowledged = 0
    evidence: list[Evidence] = []
    for one in seen.exchanges:
        if one.method == "GET" and one.path == _FEED and one.done:
            delivered = max(delivered, _next(one))
        if one.method != "POST" or one.path != _ACK:
            continue
        seq = _number(one.asked, "seq")
        if not one.done or seq > delivered:
            told = (
                f"确认到{seq}，但只送达到{delivered}",
                f"acknowledged {seq}, but {delivered} was delivered",
            )
            return failed(_at(one, *told))
        acknowledged = seq
        evidence.append(_at(one, f"确认到{seq}", f"acknowledged up to {seq}"))
    if acknowledged and acknowledged == delivered:
        return passed(evidence[-1])
    return open_yet(*evidence[-1:])


def repeats(seen: Watched) -> Finding:
    """Entries that come again do no harm: nothing is said twice, and reading goes on behind them."""
    repeated = [(n, one) for n, one in seen.asking("GET", _FEED) if one.meddled is Meddling.REPEATED]
    if not repeated:
        return NOT_SHOWN
    n, first = repeated[0]
    wanted = _next(first)
    again = _at(first, f"有意重复送达，应读到{wanted}", f"delivered again on purpose, up to {wanted}")
    doubled = said_twice(seen, first.at)
    if doubled is not None:
        return failed(again, doubled)
    for later in seen.exchanges[n + 1 :]:
        if later.method == "GET" and later.path == _FEED and later.done and "after" in later.query:
            after = _asked_after(later)
            if after < wanted:
                told = (f"又退回到{after}之后读取", f"went back to read behind {after}")
                return failed(again, _at(later, *told))
            return passed(again, _at(later, f"从{after}之后继续", f"went on behind {after}"))
        if later.path == _ACK and later.done and _number(later.asked, "seq") >= wanted:
            return passed(again, _at(later, f"确认到{wanted}", f"acknowledged up to {wanted}"))
    return open_yet(again)


def handshake(seen: Watched) -> Finding:
    """The receiver says the word of the handshake back."""
    replies = seen.probed(Probe.HANDSHAKE)
    for one in replies:
        if one.accepted and one.echoed:
            return passed(_replied(one))
    return failed(_replied(replies[-1])) if replies else NOT_SHOWN


def signatures(seen: Watched) -> Finding:
    """What the bus signed is taken; what nobody signed, or long ago, is not."""
    wanted = (Probe.GENUINE, Probe.FORGED, Probe.STALE)
    replies = [seen.probed(probe)[-1] for probe in wanted if seen.probed(probe)]
    if len(replies) < len(wanted):
        return NOT_SHOWN
    genuine, forged, stale = replies
    if genuine.accepted and not forged.accepted and not stale.accepted:
        return passed(*map(_replied, replies))
    return failed(*map(_replied, replies))


def repeated_webhook(seen: Watched) -> Finding:
    """The same delivery twice is taken twice, and has its effect once."""
    replies = seen.probed(Probe.AGAIN)
    if not replies:
        return NOT_SHOWN
    return passed(_replied(replies[-1])) if replies[-1].accepted else failed(_replied(replies[-1]))


def said_twice(seen: Watched, since: datetime) -> Evidence | None:
    """An event of the same content under two ids, the second one not before `since`; None if there is none."""
    ids: dict[str, str] = {}
    for one in seen.attempts():
        if not one.accepted:
            continue
        known = ids.setdefault(one.said.content, one.said.id)
        if known != one.said.id and one.at >= since:
            told = f"重复送达后又报送一次：{one.said.id}", f"said once more after it: {one.said.id}"
            return Evidence(one.at, Words(*told))
    return None


def _asked_after(one: Exchange) -> int:
    told = one.last_event_id or one.query.get("after", "0")
    return int(told) if told.isascii() and told.isdigit() else 0


def _next(one: Exchange) -> int:
    return _number(one.told, "next")


def _number(told: Any, name: str) -> int:
    value = told.get(name) if isinstance(told, Mapping) else None
    return value if isinstance(value, int) else 0


_PROBES = {
    Probe.HANDSHAKE: Words("握手", "handshake"),
    Probe.GENUINE: Words("真实送达", "a genuine delivery"),
    Probe.AGAIN: Words("同一送达再来一次", "the same delivery again"),
    Probe.FORGED: Words("伪造签名", "a forged signature"),
    Probe.STALE: Words("一小时前的签名", "a signature an hour old"),
}


def _replied(one: Reply) -> Evidence:
    name = _PROBES[one.probe]
    return Evidence(one.at, Words(f"{name.zh}：{one.told}", f"{name.en}: {one.told}"))


def _at(one: Exchange, zh: str, en: str) -> Evidence:
    return Evidence(one.at, Words(zh, en))
