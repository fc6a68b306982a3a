"""Who may decide on what somebody proposed, and what both have to say (双人复核): pure.

Texts are Chinese and English, joined by a dash, as pages and the command line tell them.
"""

from __future__ import annotations

from enum import StrEnum

LONGEST_NAME = 60
LONGEST_REASON = 2000


class State(StrEnum):
    """Where a proposal stands. Approved ones still have to be carried out."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DONE = "done"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    """What somebody may do with a proposal."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"


AFTER: dict[Decision, State] = {
    Decision.APPROVE: State.APPROVED,
    Decision.REJECT: State.REJECTED,
    Decision.WITHDRAW: State.WITHDRAWN,
}
"""What a proposal becomes."""


def to_words(by: str, reason: str) -> str | None:
    """The objection to what was said with a proposal or decision; None: there is none."""
    if not by.strip() or len(by) > LONGEST_NAME:
        return f"须注明操作人 — say who you are, in at most {LONGEST_NAME} characters (--by)"
    if not reason.strip() or len(reason) > LONGEST_REASON:
        return f"须注明理由 — say why, in at most {LONGEST_REASON} characters (--why)"
    return None


def to_second_person(proposed_by: str, by: str) -> str | None:
    """The objection to who decides: nobody approves or rejects what he proposed."""
    if proposed_by == by:
        return f"须由另一人复核 — {by} proposed this: another person has to decide"
    return None


def to_decision(state: State, decision: Decision, *, proposed_by: str, by: str) -> str | None:
    """The objection to this decision at this state; only who proposed may withdraw, until it is carried out."""
    if decision is Decision.WITHDRAW:
        if proposed_by != by:
            return "只有提出人可以撤回 — only who proposed it may withdraw it"
        open_states = {State.PROPOSED, State.APPROVED}
    else:
        if objection := to_second_person(proposed_by, by):
            return objection
        open_states = {State.PROPOSED}
    if state not in open_states:
        return f"该事项状态为 {state.value}，不能再作决定 — it is {state.value} already"
    return None
