"""Whether a system writes to its ingress topic as it must: pure, over what only a record of Kafka shows."""

from __future__ import annotations

from consumers.certification.recorded import Written
from consumers.certification.scenario import (
    NOT_SHOWN,
    Evidence,
    Finding,
    Words,
    failed,
    not_asked,
    passed,
)
from consumers.certification.watched import Watched
from schemas.admission import Reason

_FORM = frozenset(
    {
        Reason.TOO_LARGE,
        Reason.NO_VALUE,
        Reason.ENVELOPE,
        Reason.UNKNOWN_TYPE,
        Reason.UNDECODABLE,
        Reason.WRONG_SOURCE,
        Reason.INGRESS_KEY,
        Reason.NOT_OPENED,
    }
)
_KEY = frozenset({Reason.KEY, Reason.CASE_ID})
_SHOWN = 3


def form(seen: Watched) -> Finding:
    """Headers, framing, contract and size are those of an event, at once or after they were mended."""
    return _without(seen, _FORM)


def key(seen: Watched) -> Finding:
    """Every record has the id of its case as key, and the id that follows from the case number."""
    return _without(seen, _KEY)


def idempotence(seen: Watched) -> Finding:
    """Every record comes from a producer that numbers what it writes, so that its own retries keep the order."""
    written = seen.topics.written
    if not written:
        return NOT_SHOWN
    count, numbered = len(written), min(seen.topics.idempotent, len(written))
    told = (
        f"{count}条记录中{numbered}条由幂等生产者写入",
        f"{numbered} of {count} records by an idempotent producer",
    )
    seen_at = _at(written[-1], *told)
    return passed(seen_at) if numbered == count else failed(seen_at)


def sealed(seen: Watched) -> Finding:
    """Where the installation tells an ingress key, nothing lies in the topic in the clear."""
    written = seen.topics.written
    if not seen.topics.sealing:
        return not_asked("本套系统没有发布接入公钥", "this installation tells no ingress key")
    clear = [one for one in written if not one.sealed]
    if clear:
        return failed(
            *(_at(one, f"{_name(one)} 未加密", f"{_name(one)} in the clear") for one in clear[:_SHOWN])
        )
    if not written:
        return NOT_SHOWN
    return passed(
        _at(written[-1], f"{len(written)}条记录均已加密", f"all of {len(written)} records are sealed")
    )


def _without(seen: Watched, reasons: frozenset[Reason]) -> Finding:
    """No record was refused for one of these reasons, but for those that were mended under their ids."""
    taken = [one for one in seen.topics.written if one.status in (200, 201)]
    came_right = {one.said.id: one.offset for one in taken}
    bad = [
        one
        for one in seen.topics.written
        if one.reason in reasons and came_right.get(one.said.id, -1) < one.offset
    ]
    if bad:
        told = [f"{_name(one)}: {one.reason} {one.detail}"[:300] for one in bad[:_SHOWN]]
        return failed(*(_at(one, text, text) for one, text in zip(bad, told, strict=False)))
    if not taken:
        return NOT_SHOWN
    largest = max(one.size for one in taken)
    told_of = (
        f"{len(taken)}条记录，最大{largest}字节",
        f"{len(taken)} records, the largest of {largest} bytes",
    )
    return passed(_at(taken[-1], *told_of))


def _name(one: Written) -> str:
    return f"{one.said.type} {one.said.id}".strip() or f"@{one.offset}"


def _at(one: Written, zh: str, en: str) -> Evidence:
    return Evidence(one.at, Words(zh, en))
