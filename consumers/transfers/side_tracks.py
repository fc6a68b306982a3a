"""The side tracks of a case as tables: early intervention, consultation, obstacles, public-interest litigation.

They attach to a case and never block or move it. Their states are folded from the standing events of the track
whenever somebody asks; nothing is stored. An event that presupposes a step which nobody has published is flagged
and changes nothing else, not even the state of its own track.

Mirrored opinions have a track of their own per mirror, see the slice of opinions. Leads on duty crimes, hearings
and what parties do have no order to keep.
"""

from __future__ import annotations

from dataclasses import dataclass

from consumers.casefile import CaseEvent
from consumers.sources import BAIYUN, PROCURATORATE_RULES, PUBLIC_INTEREST, Source, agreed
from consumers.transfers.states import NO_STATE, State


@dataclass(frozen=True, slots=True)
class OfKind:
    """The event's `kind` is one of `kinds`, with its words for the page."""

    zh: str
    en: str
    kinds: frozenset[str]

    def holds(self, event: CaseEvent) -> bool:
        """Whether it is."""
        return event.data.get("kind") in self.kinds


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What `event` says about its track: after one of `after` it leads to `to`, within `within` it changes nothing.

    From any other state it lacks `needs`. `when`: the row is only about such an event.
    """

    event: str
    to: str
    after: tuple[str, ...]
    within: tuple[str, ...]
    needs: str | None = None
    basis: Source | None = None
    when: OfKind | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SideTrack:
    """One side track: its states in order, the first of them `NO_STATE`, and its steps."""

    code: str
    zh: str
    en: str
    basis: Source
    states: tuple[State, ...]
    steps: tuple[Step, ...]


_ANSWER = agreed("回应须以在先的事项为前提", "an answer answers something")
_CIVIL = OfKind(
    "民事或者附带民事", "civil, also with a criminal case", frozenset({"civil", "criminal_attached_civil"})
)
_ADMINISTRATIVE = OfKind("行政", "administrative", frozenset({"administrative"}))
_NOT_BEGUN = State(NO_STATE, "未启动", "not begun")

SIDE_TRACKS: tuple[SideTrack, ...] = (
    SideTrack(
        "intervention",
        "提前介入",
        "early intervention",
        PROCURATORATE_RULES.at("256"),
        (
            _NOT_BEGUN,
            State("REQUESTED", "已商请", "asked for"),
            State("OPINED", "已提出意见", "opinion given"),
            State("ANSWERED", "已反馈采纳情况", "opinion answered"),
        ),
        (
            Step("intervention.requested", "REQUESTED", (NO_STATE,), ("REQUESTED", "OPINED", "ANSWERED")),
            Step("intervention.opined", "OPINED", (NO_STATE, "REQUESTED", "ANSWERED"), ("OPINED",)),
            Step(
                "intervention.adopted",
                "ANSWERED",
                ("OPINED",),
                ("ANSWERED",),
                needs="intervention.opined",
                basis=_ANSWER,
            ),
        ),
    ),
    SideTrack(
        "consult",
        "双向咨询",
        "two-way consultation",
        agreed("双向咨询", "two-way consultation"),
        (_NOT_BEGUN, State("ASKED", "已咨询", "asked"), State("ANSWERED", "已答复", "answered")),
        (
            Step("consult.asked", "ASKED", (NO_STATE, "ANSWERED"), ("ASKED",)),
            Step(
                "consult.answered",
                "ANSWERED",
                ("ASKED",),
                ("ANSWERED",),
                needs="consult.asked",
                basis=_ANSWER,
            ),
        ),
    ),
    SideTrack(
        "obstacle",
        "移送障碍",
        "obstacles to the transfer",
        BAIYUN.at(zh="移送障碍线索报送人民检察院", en="obstacle leads go to the procuratorate"),
        (
            _NOT_BEGUN,
            State("REPORTED", "已反映", "reported"),
            State("ASSIGNED", "已分办", "assigned"),
            State("CLEARED", "已消除", "cleared"),
        ),
        (
            Step("obstacle.reported", "REPORTED", (NO_STATE, "CLEARED"), ("REPORTED", "ASSIGNED")),
            Step(
                "obstacle.assigned",
                "ASSIGNED",
                ("REPORTED", "ASSIGNED"),
                ("CLEARED",),
                needs="obstacle.reported",
                basis=_ANSWER,
            ),
            Step(
                "obstacle.cleared",
                "CLEARED",
                ("REPORTED", "ASSIGNED"),
                ("CLEARED",),
                needs="obstacle.reported",
                basis=_ANSWER,
            ),
        ),
    ),
    SideTrack(
        "pil-civil",
        "民事公益诉讼",
        "civil public-interest litigation",
        PUBLIC_INTEREST.at("13", "20"),
        (
            _NOT_BEGUN,
            State("FILED", "立案", "case opened"),
            State("ANNOUNCED", "诉前公告", "announced"),
            State("SUED", "起诉", "suit filed"),
        ),
        (
            Step("pil.filed", "FILED", (NO_STATE,), ("FILED", "ANNOUNCED", "SUED")),
            Step("pil.announced", "ANNOUNCED", (NO_STATE, "FILED"), ("ANNOUNCED", "SUED")),
            Step(
                "pil.suit_filed",
                "SUED",
                ("ANNOUNCED",),
                ("SUED",),
                needs="pil.announced",
                basis=PUBLIC_INTEREST.at(
                    "13", zh="提起民事公益诉讼前公告30日", en="announcement of 30 days before a civil suit"
                ),
                when=_CIVIL,
            ),
        ),
    ),
    SideTrack(
        "pil-administrative",
        "行政公益诉讼",
        "administrative public-interest litigation",
        PUBLIC_INTEREST.at("21"),
        (
            _NOT_BEGUN,
            State("FILED", "立案", "case opened"),
            State("CONSULTED", "诉前磋商", "consulted"),
            State("SUGGESTED", "诉前检察建议", "suggestion issued"),
            State("REPLIED", "回复", "replied"),
            State("VERIFIED", "核实", "performance verified"),
            State("SUED", "起诉", "suit filed"),
        ),
        (
            Step(
                "pil.filed",
                "FILED",
                (NO_STATE,),
                ("FILED", "CONSULTED", "SUGGESTED", "REPLIED", "VERIFIED", "SUED"),
            ),
            Step(
                "pil.consulted",
                "CONSULTED",
                (NO_STATE, "FILED"),
                ("CONSULTED", "SUGGESTED", "REPLIED", "VERIFIED", "SUED"),
            ),
            Step(
                "pil.suggested",
                "SUGGESTED",
                (NO_STATE, "FILED", "CONSULTED"),
                ("SUGGESTED", "REPLIED", "VERIFIED", "SUED"),
            ),
            Step(
                "pil.replied",
                "REPLIED",
                ("SUGGESTED",),
                ("REPLIED", "VERIFIED", "SUED"),
                needs="pil.suggested",
                basis=_ANSWER,
            ),
            Step(
                "pil.verified",
                "VERIFIED",
                ("SUGGESTED", "REPLIED"),
                ("VERIFIED", "SUED"),
                needs="pil.suggested",
                basis=_ANSWER,
            ),
            Step(
                "pil.suit_filed",
                "SUED",
                ("SUGGESTED", "REPLIED", "VERIFIED"),
                ("SUED",),
                needs="pil.suggested",
                basis=PUBLIC_INTEREST.at(
                    "21", zh="提起行政公益诉讼前提出检察建议", en="suggestion before an administrative suit"
                ),
                when=_ADMINISTRATIVE,
            ),
        ),
    ),
)
