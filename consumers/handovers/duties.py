"""The table of duties: who must do what, once which event has happened, and what shows that it was done."""

from __future__ import annotations

from consumers.handovers.duty import PARTY, Duty, Pausing, Proof, Start, Stop
from schemas.units import PROCURATORATE, Role

# What the police cannot do before they have filed the case (刑事诉讼法 art. 109 ff.).
_AFTER_FILING = (
    Stop("case.suspect_in_custody", Proof.LATER, only=(("measure", ("detention", "arrest")),)),
    Stop("case.arrest_approved", Proof.LATER),
    Stop("case.sent_for_prosecution", Proof.LATER),
    Stop("case.prosecuted", Proof.LATER),
    Stop("case.not_prosecuted", Proof.LATER),
    Stop("case.judged", Proof.LATER),
    Stop("case.withdrawn", Proof.LATER),
)

# What proves that the case had reached the police.
_AFTER_TRANSFER = (
    Stop("transfer.received", Proof.LATER),
    Stop("filing.accepted", Proof.LATER),
    Stop("filing.declined", Proof.LATER),
)
_HANDED_TO_POLICE = (
    Stop("transfer.sent", by_holder=True, early=True),
    Stop("transfer.on_site_handed", by_holder=True, early=True),
)
_REACHED_POLICE = (
    Start("transfer.received", speaker=True),
    Start("transfer.on_site_handed", addressed=True),
    Start("transfer.sent", assumed=True, addressed=True),
    Start("transfer.forwarded", assumed=True, addressed=True),
)
SUPPLEMENT_PAUSES = "supplement-pauses"
"""Profile under which the police's time stands still while the agency supplements: an open point of the law."""
SUPPLEMENT_RESTARTS = "supplement-restarts"
"""Profile under which it begins again once the agency has supplemented."""

_LETTER = ("letter_no",)
_NOTICE = ("notice_no",)
_REVERSE_WATCHERS = (Role.ADMINISTRATIVE, Role.CASE_MANAGEMENT)
_PIL_WATCHERS = (Role.PUBLIC_INTEREST, Role.CASE_MANAGEMENT)

FORM_TASK_GROUP = Duty(
    "form-task-group",
    Role.AGENCY,
    starts=(Start("transfer.suspected", speaker=True),),
    stops=(
        Stop("transfer.task_group_formed", by_holder=True, early=True),
        Stop("transfer.reported", Proof.LATER, by_holder=True),
        Stop("transfer.sent", Proof.LATER, by_holder=True),
        Stop("transfer.on_site_handed", Proof.LATER, by_holder=True),
    ),
)
DECIDE_ON_TRANSFER = Duty(
    "decide-on-transfer",
    Role.AGENCY,
    starts=(Start("transfer.reported", speaker=True),),
    stops=(
        Stop("transfer.approved", by_holder=True),
        Stop("transfer.refused", by_holder=True),
        Stop("transfer.sent", Proof.LATER, by_holder=True),
        Stop("transfer.on_site_handed", Proof.LATER, by_holder=True),
        *_AFTER_TRANSFER,
    ),
)
TRANSFER = Duty(
    "transfer",
    Role.AGENCY,
    starts=(Start("transfer.approved", speaker=True),),
    stops=(*_HANDED_TO_POLICE, *_AFTER_TRANSFER),
)
FORWARD = Duty(
    "forward",
    Role.POLICE,
    starts=_REACHED_POLICE,
    stops=(
        Stop("transfer.forwarded", by_holder=True),
        Stop("filing.accepted", Proof.RELEASE),
        Stop("filing.declined", Proof.RELEASE),
    ),
    if_done=True,
)
REQUEST_SUPPLEMENT = Duty(
    "request-supplement",
    Role.POLICE,
    starts=_REACHED_POLICE,
    stops=(Stop("transfer.supplement_requested", by_holder=True),),
    if_done=True,
)
SUPPLEMENT = Duty(
    "supplement",
    Role.AGENCY,
    starts=(Start("transfer.supplement_requested", assumed=True),),
    stops=(
        Stop("transfer.supplemented", by_holder=True),
        Stop("filing.accepted", Proof.RELEASE),
        Stop("filing.declined", Proof.RELEASE),
        Stop("transfer.forwarded", Proof.RELEASE),
    ),
)
DECIDE_FILING = Duty(
    "decide-filing",
    Role.POLICE,
    starts=_REACHED_POLICE,
    stops=(
        Stop("filing.accepted", early=True),
        Stop("filing.declined", of_party=True),
        Stop("transfer.forwarded", Proof.RELEASE, by_holder=True),
        Stop("transfer.out_of_remit", Proof.RELEASE, by_holder=True),
        *_AFTER_FILING,
    ),
    pauses=(
        Pausing("transfer.supplement_requested", "transfer.supplemented", profile=SUPPLEMENT_PAUSES),
        Pausing(
            "transfer.supplement_requested", "transfer.supplemented", profile=SUPPLEMENT_RESTARTS, anew=True
        ),
    ),
    extended_by="filing.extended",
)
DECIDE_FILING_SOON = Duty(
    "decide-filing-soon",
    Role.POLICE,
    starts=_REACHED_POLICE,
    stops=DECIDE_FILING.stops,
)
ASK_RECONSIDERATION = Duty(
    "ask-reconsideration",
    Role.AGENCY,
    starts=(Start("filing.declined", assumed=True),),
    stops=(
        Stop("reconsideration.requested", by_holder=True),
        Stop("supervision.proposed", by_holder=True),
        Stop("supervision.reasons_requested", Proof.RELEASE),
        Stop("filing.accepted", Proof.RELEASE),
    ),
    key=PARTY,
    is_right=True,
)
DECIDE_RECONSIDERATION = Duty(
    "decide-reconsideration",
    Role.POLICE,
    starts=(Start("reconsideration.requested", assumed=True),),
    stops=(
        Stop("reconsideration.decided"),
        Stop("filing.accepted"),
    ),
)
PROPOSE_SUPERVISION = Duty(
    "propose-supervision",
    Role.AGENCY,
    starts=(Start("reconsideration.decided", assumed=True, only=(("result", ("maintained",)),)),),
    stops=(
        Stop("supervision.proposed", by_holder=True),
        Stop("supervision.reasons_requested", Proof.RELEASE),
        Stop("filing.accepted", Proof.RELEASE),
    ),
    is_right=True,
)
HAND_OVER_ITEMS = Duty(
    "hand-over-items",
    Role.AGENCY,
    starts=(Start("filing.accepted", assumed=True),),
    stops=(
        Stop("items.handed_over", early=True),
        Stop("items.custody_entrusted", Proof.RELEASE, early=True),
        # The articles go with the case: once it is before prosecutor or court they have been handed over.
        Stop("case.sent_for_prosecution", Proof.LATER),
        Stop("case.prosecuted", Proof.LATER),
        Stop("case.judged", Proof.LATER),
    ),
)
TELL_OF_MOVE = Duty(
    "tell-of-move",
    Role.POLICE,
    starts=(Start("transfer.forwarded", speaker=True),),
    stops=(),
    requires=("filing.accepted",),
    told_by_report=True,
)
TELL_OF_WITHDRAWAL = Duty(
    "tell-of-withdrawal",
    Role.POLICE,
    starts=(Start("case.withdrawn", speaker=True),),
    stops=(),
    key=PARTY,
    told_by_report=True,
)
TELL_OF_NON_PROSECUTION = Duty(
    "tell-of-non-prosecution",
    Role.CRIMINAL,
    starts=(Start("case.not_prosecuted", speaker=True),),
    stops=(),
    key=PARTY,
    told_by_report=True,
)
TELL_OF_FILING = Duty(
    "tell-of-filing",
    Role.POLICE,
    starts=(Start("filing.accepted", speaker=True), Start("filing.declined", speaker=True)),
    stops=(),
    told_by_report=True,
)
RETURN_FILE = Duty(
    "return-file",
    Role.POLICE,
    starts=(Start("filing.declined", speaker=True),),
    stops=(
        Stop("filing.declined", by_holder=True, only=(("file_returned", (True,)),)),
        Stop("returned.to_agency", by_holder=True),
    ),
)
GIVE_REASONS = Duty(
    "give-reasons",
    Role.POLICE,
    starts=(Start("supervision.reasons_requested", assumed=True),),
    stops=(Stop("supervision.reasons_given"), Stop("filing.accepted")),
    key=_NOTICE,
)
CONCLUDE_SUPERVISION = Duty(
    "conclude-supervision",
    Role.CRIMINAL,
    starts=(Start("supervision.reasons_given", assumed=True),),
    stops=(
        Stop("supervision.concluded"),
        Stop("supervision.file_ordered", Proof.RELEASE, any_key=True),
        Stop("filing.accepted", Proof.RELEASE),
    ),
    key=_NOTICE,
)
FILE_AS_ORDERED = Duty(
    "file-as-ordered",
    Role.POLICE,
    starts=(Start("supervision.file_ordered", assumed=True),),
    stops=(Stop("filing.accepted", early=True), *_AFTER_FILING),
    key=_NOTICE,
)
INVESTIGATE_AS_ORDERED = Duty(
    "investigate-as-ordered",
    Role.POLICE,
    starts=(Start("filing.accepted", speaker=True),),
    stops=(
        Stop("case.sent_for_prosecution"),
        Stop("case.withdrawn", of_party=True),
        Stop("case.prosecuted", Proof.LATER),
        Stop("case.not_prosecuted", Proof.LATER),
        Stop("case.judged", Proof.LATER),
    ),
    requires=("supervision.file_ordered",),
)
COPY_PENALTY = Duty(
    "copy-penalty",
    Role.AGENCY,
    starts=(Start("admin_case.penalised", speaker=True, only=(("crime_suspected", (True,)),)),),
    stops=(*_HANDED_TO_POLICE, *_AFTER_TRANSFER),
)
TRANSFER_ON_OPINION = Duty(
    "transfer-on-opinion",
    Role.AGENCY,
    starts=(Start("opinion.to_transfer_issued", assumed=True, addressed=True),),
    stops=(
        Stop("transfer.sent", by_holder=True),
        Stop("transfer.on_site_handed", by_holder=True),
        Stop("opinion.to_transfer_executed", by_holder=True),
        *_AFTER_TRANSFER,
    ),
    key=_LETTER,
)
PENALISE = Duty(
    "penalise",
    Role.AGENCY,
    starts=(Start("admin_case.filed", speaker=True),),
    stops=(
        Stop("admin_case.penalised", by_holder=True),
        Stop("transfer.sent", by_holder=True),
        Stop("transfer.on_site_handed", by_holder=True),
        *_AFTER_TRANSFER,
    ),
)
DEAL_WITH_RETURNED = Duty(
    "deal-with-returned",
    Role.AGENCY,
    starts=(Start("returned.to_agency", assumed=True),),
    stops=(
        Stop("admin_case.filed", by_holder=True),
        Stop("admin_case.penalised", by_holder=True),
        Stop("reverse.replied", by_holder=True),
    ),
)
DECIDE_PROSECUTION = Duty(
    "decide-prosecution",
    Role.CRIMINAL,
    starts=(Start("case.sent_for_prosecution"),),
    stops=(
        Stop("case.prosecuted", of_party=True),
        Stop("case.not_prosecuted", of_party=True),
        Stop("case.judged", Proof.LATER, of_party=True),
        Stop("case.withdrawn", Proof.RELEASE, of_party=True),
        Stop("case.investigation_returned", Proof.RELEASE),
    ),
    restarts=True,
    custody=True,
)
INVESTIGATE_FURTHER = Duty(
    "investigate-further",
    Role.POLICE,
    starts=(Start("case.investigation_returned", assumed=True),),
    stops=(
        Stop("case.sent_for_prosecution"),
        Stop("case.prosecuted", Proof.LATER),
        Stop("case.not_prosecuted", Proof.LATER),
        Stop("case.judged", Proof.LATER),
        Stop("case.withdrawn", Proof.RELEASE, of_party=True),
    ),
    restarts=True,
    custody=True,
)
MOVE_TO_REVERSE = Duty(
    "move-to-reverse",
    Role.CRIMINAL,
    starts=(Start("case.not_prosecuted", speaker=True),),
    stops=(
        Stop("reverse.case_moved"),
        Stop("reverse.registered", Proof.LATER),
        Stop("reverse.opinion_issued", Proof.LATER),
        Stop("reverse.review_closed", Proof.LATER),
    ),
    key=PARTY,
    watchers=_REVERSE_WATCHERS,
)
ISSUE_OPINION_WITH_DECISION = Duty(
    "issue-opinion-with-decision",
    Role.CRIMINAL,
    starts=(Start("case.not_prosecuted", speaker=True),),
    stops=(
        Stop("reverse.opinion_issued", early=True),
        Stop("reverse.review_closed", Proof.RELEASE),
    ),
    key=PARTY,
    watchers=_REVERSE_WATCHERS,
)
REVIEW_REVERSE = Duty(
    "review-reverse",
    Role.ADMINISTRATIVE,
    starts=(Start("reverse.registered", speaker=True), Start("reverse.case_moved", assumed=True)),
    stops=(
        Stop("reverse.opinion_issued"),
        Stop("reverse.review_closed"),
        Stop("reverse.opinion_delivered", Proof.LATER),
        Stop("reverse.replied", Proof.LATER),
    ),
    key=PARTY,
    pauses=(
        Pausing("reverse.suspended", "reverse.resumed", law="指引第13条 — Guide art. 13"),
        Pausing(
            "consult.asked",
            "consult.answered",
            same=("consultation_no",),
            elsewhere=True,
            law="指引第12条：异地沟通的时间不计入 — Guide art. 12: time of consulting elsewhere is left out",
        ),
    ),
    lengthened_by="reverse.review_extended",
    watchers=_REVERSE_WATCHERS,
)
REPLY_TO_OPINION = Duty(
    "reply-to-opinion",
    Role.AGENCY,
    starts=(
        Start("reverse.opinion_delivered"),
        Start("reverse.opinion_issued", assumed=True, addressed=True),
    ),
    stops=(
        Stop("reverse.replied", by_holder=True),
        Stop("admin_case.penalised", Proof.RESULT, by_holder=True),
    ),
    key=_LETTER,
    watchers=_REVERSE_WATCHERS,
)
REPLY_TO_FOLLOW_UP = Duty(
    "reply-to-follow-up",
    Role.AGENCY,
    starts=(Start("reverse.followed_up", assumed=True, addressed=True),),
    stops=(
        Stop("reverse.replied", by_holder=True),
        Stop("reverse.replied", Proof.RESULT, by_holder=True, any_key=True),
        Stop("admin_case.penalised", Proof.RESULT, by_holder=True),
        Stop("suggestion.revisited", Proof.LATER),
    ),
    key=_LETTER,
    watchers=_REVERSE_WATCHERS,
)
REPLY_TO_SUGGESTION = Duty(
    "reply-to-suggestion",
    Role.AGENCY,
    starts=(Start("pil.suggested", assumed=True, addressed=True),),
    stops=(
        Stop("pil.replied", by_holder=True),
        Stop("admin_case.penalised", Proof.RESULT, by_holder=True),
        Stop("pil.verified", Proof.LATER),
    ),
    key=_LETTER,
    watchers=_PIL_WATCHERS,
)
WAIT_FOR_PLAINTIFFS = Duty(
    "wait-for-plaintiffs",
    Role.PUBLIC_INTEREST,
    starts=(Start("pil.announced", speaker=True),),
    stops=(Stop("pil.suit_filed", only=(("kind", ("civil", "criminal_attached_civil")),)),),
    key=PARTY,
    watchers=_PIL_WATCHERS,
)
ANSWER_CONSULTATION = Duty(
    "answer-consultation",
    Role.CRIMINAL,
    starts=(
        Start(
            "consult.asked", assumed=True, addressed=True, only=(("written", (True,)),), said_by=Role.AGENCY
        ),
    ),
    stops=(Stop("consult.answered", by_holder=True),),
    key=("consultation_no",),
    held_by=PROCURATORATE,
)
HANDLE_MIRROR = Duty(
    "handle-mirror",
    Role.PUBLIC_INTEREST,
    starts=(Start("mirror.copied", key=("opinion_source", "opinion_id")),),
    stops=(Stop("mirror.accepted", by_holder=True), Stop("mirror.dismissed", by_holder=True)),
    key=("regarding_source", "regarding_id"),
    watchers=(Role.CASE_MANAGEMENT,),
    per_copy=True,
)
CLEAR_OBSTACLE = Duty(
    "clear-obstacle",
    Role.CRIMINAL,
    starts=(Start("obstacle.reported"),),
    stops=(Stop("obstacle.cleared"),),
    key=("obstacle_no",),
)
