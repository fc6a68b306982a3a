"""Whether a system says events as it must: pure, over what was watched."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from consumers.certification.scenario import (
    NOT_SHOWN,
    Evidence,
    Finding,
    Words,
    failed,
    open_yet,
    passed,
)
from consumers.certification.watched import Attempt, Meddling, Watched

_TAKEN_BACK = ("case.corrected", "case.voided")
_PATIENT = 0.9
"""Of a Retry-After: clocks differ a little."""
_MovedOn = Callable[[Attempt, Attempt], bool]
"""(what was refused, a later attempt) → whether the later one shows that the answer was understood."""


def single(seen: Watched) -> Finding:
    """One event, one receipt."""
    alone = [one for one in seen.attempts() if not one.listed and one.decided]
    for one in alone:
        if one.accepted:
            return passed(receipted(one))
    return failed(*map(_refused, alone[:3])) if alone else NOT_SHOWN


def batch(seen: Watched) -> Finding:
    """A list whose every item has a receipt, at once or after what was wrong was mended."""
    listed = [one for one in seen.attempts() if one.listed]
    if not listed:
        return NOT_SHOWN
    receipted = {one.said.id for one in seen.attempts() if one.accepted}
    lacking = [one for one in listed if not one.accepted and one.said.id not in receipted]
    if lacking:
        mend = Words(
            "批量结果须逐条核对：对未取得回执的事件改正后重新报送。",
            "Look at every result of a list: mend and send again what has no receipt.",
        )
        return failed(*map(_refused, lacking[:3]), mend=mend)
    first = [one for one in listed if one.n == listed[0].n]
    count = len(first)
    return passed(
        said_at(first[0], f"一次报送{count}件，逐件有回执", f"{count} events at once, each with a receipt")
    )


def retry(seen: Watched) -> Finding:
    """After a lost receipt the same event comes again under the same id."""
    attempts = list(seen.attempts())
    lost = [one for one in attempts if one.meddled is Meddling.LOST_RECEIPT]
    if not lost:
        return NOT_SHOWN
    first = lost[0]
    withheld = said_at(
        first, f"{first.said.id}：扣住回执，答复503", f"{first.said.id}: receipt withheld, answered 503"
    )
    if not first.said.id:
        return failed(said_at(first, "事件没有自己的标识", "the event had no id of its own"))
    for one in _same_again(first, attempts):
        if one.said.id == first.said.id:
            return passed(withheld, receipted(one))
        return failed(withheld, _as_another(one))
    return open_yet(withheld)


def said_again(seen: Watched) -> Finding:
    """What comes a second time comes under the same id: nothing was said twice under two ids."""
    attempts = [one for one in seen.attempts() if one.accepted]
    repeated: Finding | None = None
    for first in attempts:
        for one in _same_again(first, attempts):
            if one.said.id != first.said.id:
                return failed(receipted(first), _as_another(one))
            told = (f"{one.said.id} 原样再次报送，仍为同一事件", f"{one.said.id} came again, the same event")
            repeated = repeated or passed(receipted(first), said_at(one, *told))
    return repeated or NOT_SHOWN


def patience(seen: Watched) -> Finding:
    """A 429 is answered by waiting as long as it says, then by saying the same again."""
    attempts = list(seen.attempts())
    busy = [one for one in attempts if one.meddled is Meddling.BUSY]
    if not busy:
        return NOT_SHOWN
    first = busy[0]
    wait = first.exchange.retry_after if first.exchange else 0.0
    held = said_at(first, f"答复429，请等待{wait:g}秒", f"answered 429, to be repeated after {wait:g} s")
    later = [one for one in attempts if one.n > first.n]
    if not later:
        return open_yet(held)
    waited = (later[0].at - first.at).total_seconds()
    if waited < wait * _PATIENT:
        return failed(
            held, said_at(later[0], f"{waited:.1f}秒后即再次请求", f"asked again after {waited:.1f} s")
        )
    for one in later:
        if (one.said.id, one.said.content) == (first.said.id, first.said.content) and one.accepted:
            return passed(held, receipted(one))
    return open_yet(held)


def conflict(seen: Watched) -> Finding:
    """Changed content under a used id is refused; the system then takes another way, and not the same again."""
    return _understood(seen, "conflict", _took_another_way)


def wrong_speaker(seen: Watched) -> Finding:
    """What the unit may not say is refused, and not tried again."""
    return _understood(seen, "wrong-speaker", lambda _, later: later.accepted)


def mended(seen: Watched) -> Finding:
    """What was refused for its content is corrected and said again."""
    others = ("wrong-speaker", "conflict")
    refused = [one for one in seen.attempts() if one.status == 422 and one.reason not in others]
    if not refused:
        return NOT_SHOWN
    attempts = list(seen.attempts())
    for one in refused:
        for later in attempts:
            if later.n > one.n and later.said.id == one.said.id and one.said.id and later.accepted:
                return passed(_refused(one), receipted(later))
    again = _repeated(refused[0], attempts)
    return failed(_refused(refused[0]), again) if again else open_yet(_refused(refused[0]))


def correction(seen: Watched) -> Finding:
    """A wrong event is taken back by another that names it."""
    own: set[str] = set()
    wrong: list[Evidence] = []
    for one in seen.attempts():
        regarding = str(one.said.data.get("regarding_id", ""))
        if one.accepted and one.said.type in _TAKEN_BACK:
            if regarding in own:
                told = (f"{one.said.type} 指明 {regarding}", f"{one.said.type} names {regarding}")
                return passed(said_at(one, *told))
            wrong.append(
                said_at(one, f"指明的 {regarding} 本次未报送", f"names {regarding}, which was not said here")
            )
        if one.accepted:
            own.add(one.said.id)
    return failed(*wrong) if wrong else NOT_SHOWN


def documents(seen: Watched) -> Finding:
    """A document is sent under the hash of its content, and an event names it."""
    sent = seen.sent_documents()
    missing: list[Evidence] = []
    for one in seen.attempts():
        for digest in _named(one):
            if one.accepted and digest in sent:
                return passed(
                    said_at(
                        one, f"{one.said.id} 引用已上传文书", f"{one.said.id} names a document that was sent"
                    )
                )
            if one.accepted:
                missing.append(
                    said_at(
                        one, f"引用的文书 {digest[:12]}… 未上传", f"names {digest[:12]}…, which was not sent"
                    )
                )
    return failed(*missing[:3]) if missing else NOT_SHOWN


def _named(one: Attempt) -> Iterable[str]:
    listed = one.said.data.get("documents")
    for document in listed if isinstance(listed, list) else ():
        if isinstance(document, dict):
            yield str(document.get("sha256", "")).lower()


def _understood(seen: Watched, reason: str, moved_on: _MovedOn) -> Finding:
    attempts = list(seen.attempts())
    refused = [one for one in attempts if one.reason == reason]
    if not refused:
        return NOT_SHOWN
    first = refused[0]
    again = _repeated(first, attempts)
    if again:
        return failed(_refused(first), again)
    for later in attempts:
        if later.n > first.n and moved_on(first, later):
            return passed(_refused(first), receipted(later))
    return open_yet(_refused(first))


def _took_another_way(one: Attempt, later: Attempt) -> bool:
    """A correction, or a new id, for the same case."""
    return later.accepted and later.said.case == one.said.case and later.said.id != one.said.id


def _same_again(first: Attempt, attempts: Iterable[Attempt]) -> list[Attempt]:
    return [
        one for one in attempts if one.n > first.n and one.accepted and one.said.content == first.said.content
    ]


def _as_another(one: Attempt) -> Evidence:
    told = (
        f"同一内容以新标识 {one.said.id} 再次报送，成为另一事件",
        f"said again as another event, {one.said.id}",
    )
    return said_at(one, *told)


def _repeated(first: Attempt, attempts: Iterable[Attempt]) -> Evidence | None:
    for one in attempts:
        if one.n > first.n and (one.said.id, one.said.content) == (first.said.id, first.said.content):
            return said_at(one, "被拒绝后原样再次报送", "sent again as it was after it had been refused")
    return None


def receipted(one: Attempt) -> Evidence:
    """That the bus has taken it."""
    return said_at(
        one, f"{one.said.type} {one.said.id} 取得回执", f"{one.said.type} {one.said.id} has a receipt"
    )


def _refused(one: Attempt) -> Evidence:
    status = f"{one.status} " if one.exchange else ""
    told = f"{one.said.type} {one.said.id}: {status}{one.reason} {one.detail}"[:300]
    return said_at(one, told, told)


def said_at(one: Attempt, zh: str, en: str) -> Evidence:
    """Something about what was said, at its time."""
    return Evidence(one.at, Words(zh, en))
