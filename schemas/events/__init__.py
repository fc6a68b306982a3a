"""Everything that may be said, as one closed union.

Generated from schemas/avro by `linkage schemas generate`: change the .avsc files instead.
"""

from typing import get_args

from schemas.events.admin_case import (
    AdminCaseCorrectionOrdered,
    AdminCaseFiled,
    AdminCasePenalised,
)
from schemas.events.case import (
    CaseAppealDecided,
    CaseArrestApproved,
    CaseComplianceReview,
    CaseEventReleased,
    CaseInvestigationReturned,
    CaseJudged,
    CaseNotProsecuted,
    CaseProsecuted,
    CaseReviewPeriodSet,
    CaseSentForProsecution,
    CaseSuspectInCustody,
    CaseWithdrawn,
    HearingHeld,
    PartyDeregistered,
    PartyRemedied,
)
from schemas.events.consult import (
    AssistanceGiven,
    ConsultAnswered,
    ConsultAsked,
)
from schemas.events.correction import (
    CaseCorrected,
    CaseVoided,
)
from schemas.events.deadline import (
    CalendarAdopted,
    DeadlineApproaching,
    DeadlineBreached,
    DeadlineMet,
    DeadlinePaused,
    DeadlineRecounted,
    DeadlineWithdrawn,
)
from schemas.events.duty_lead import (
    DutyLeadSent,
)
from schemas.events.filing import (
    FilingAccepted,
    FilingDeclined,
    FilingExtended,
    FilingUndecidedOverdue,
)
from schemas.events.intervention import (
    InterventionAdopted,
    InterventionOpined,
    InterventionRequested,
)
from schemas.events.items import (
    ItemsCustodyEntrusted,
    ItemsHandedOver,
    ItemsSeized,
)
from schemas.events.lead import (
    AccidentOccurred,
    LeadFound,
    LeadThresholdMatched,
    TestResulted,
)
from schemas.events.mirror import (
    MirrorAccepted,
    MirrorCopied,
    MirrorDismissed,
)
from schemas.events.obstacle import (
    ObstacleAssigned,
    ObstacleCleared,
    ObstacleReported,
)
from schemas.events.opinion import (
    OpinionToTransferExecuted,
    OpinionToTransferIssued,
)
from schemas.events.pil import (
    PilAnnounced,
    PilConsulted,
    PilFiled,
    PilReplied,
    PilSuggested,
    PilSuitFiled,
    PilVerified,
)
from schemas.events.reconsideration import (
    ReconsiderationDecided,
    ReconsiderationRequested,
)
from schemas.events.reverse import (
    ReturnedToAgency,
    ReverseCaseMoved,
    ReverseFollowedUp,
    ReverseJurisdictionSettled,
    ReverseOpinionDelivered,
    ReverseOpinionIssued,
    ReverseRegistered,
    ReverseReplied,
    ReverseReplyOverdue,
    ReverseResumed,
    ReverseReviewClosed,
    ReverseReviewExtended,
    ReverseSuspended,
    SuggestionRevisited,
)
from schemas.events.supervision import (
    SupervisionConcluded,
    SupervisionCorrected,
    SupervisionDisputed,
    SupervisionDisputeDecided,
    SupervisionFileOrdered,
    SupervisionProposed,
    SupervisionReasonsGiven,
    SupervisionReasonsRequested,
    SupervisionUrged,
    SupervisionWithdrawalOrdered,
)
from schemas.events.transfer import (
    TransferApproved,
    TransferForwarded,
    TransferOnSiteHanded,
    TransferOutOfRemit,
    TransferReceived,
    TransferRefused,
    TransferReported,
    TransferSent,
    TransferSupplemented,
    TransferSupplementRequested,
    TransferSuspected,
    TransferTaskGroupFormed,
)

Event = (
    AdminCaseCorrectionOrdered
    | AdminCaseFiled
    | AdminCasePenalised
    | AccidentOccurred
    | LeadFound
    | TestResulted
    | LeadThresholdMatched
    | TransferTaskGroupFormed
    | TransferReported
    | TransferApproved
    | TransferRefused
    | TransferSent
    | TransferOnSiteHanded
    | TransferReceived
    | TransferSupplementRequested
    | TransferSupplemented
    | TransferForwarded
    | TransferOutOfRemit
    | TransferSuspected
    | FilingExtended
    | FilingAccepted
    | FilingDeclined
    | FilingUndecidedOverdue
    | ReconsiderationRequested
    | ReconsiderationDecided
    | SupervisionProposed
    | SupervisionReasonsRequested
    | SupervisionReasonsGiven
    | SupervisionFileOrdered
    | SupervisionConcluded
    | SupervisionCorrected
    | SupervisionUrged
    | SupervisionWithdrawalOrdered
    | SupervisionDisputed
    | SupervisionDisputeDecided
    | OpinionToTransferIssued
    | OpinionToTransferExecuted
    | ItemsHandedOver
    | ItemsCustodyEntrusted
    | ItemsSeized
    | CaseWithdrawn
    | CaseSentForProsecution
    | CaseProsecuted
    | CaseJudged
    | CaseNotProsecuted
    | CaseSuspectInCustody
    | CaseArrestApproved
    | CaseAppealDecided
    | CaseComplianceReview
    | HearingHeld
    | PartyDeregistered
    | PartyRemedied
    | CaseEventReleased
    | CaseInvestigationReturned
    | CaseReviewPeriodSet
    | CaseCorrected
    | CaseVoided
    | ReverseCaseMoved
    | ReverseRegistered
    | ReverseSuspended
    | ReverseResumed
    | ReverseReviewClosed
    | ReverseJurisdictionSettled
    | ReverseOpinionIssued
    | ReverseOpinionDelivered
    | ReverseReplied
    | ReverseReplyOverdue
    | ReverseFollowedUp
    | ReturnedToAgency
    | SuggestionRevisited
    | ReverseReviewExtended
    | MirrorCopied
    | MirrorAccepted
    | MirrorDismissed
    | PilFiled
    | PilConsulted
    | PilSuggested
    | PilAnnounced
    | PilSuitFiled
    | PilReplied
    | PilVerified
    | InterventionRequested
    | InterventionOpined
    | InterventionAdopted
    | ConsultAsked
    | ConsultAnswered
    | AssistanceGiven
    | ObstacleReported
    | ObstacleCleared
    | ObstacleAssigned
    | DutyLeadSent
    | DeadlineApproaching
    | DeadlineBreached
    | DeadlinePaused
    | DeadlineMet
    | DeadlineWithdrawn
    | CalendarAdopted
    | DeadlineRecounted
)

EVENTS: tuple[type[Event], ...] = get_args(Event)

__all__ = [
    "AccidentOccurred",
    "AdminCaseCorrectionOrdered",
    "AdminCaseFiled",
    "AdminCasePenalised",
    "AssistanceGiven",
    "CalendarAdopted",
    "CaseAppealDecided",
    "CaseArrestApproved",
    "CaseComplianceReview",
    "CaseCorrected",
    "CaseEventReleased",
    "CaseInvestigationReturned",
    "CaseJudged",
    "CaseNotProsecuted",
    "CaseProsecuted",
    "CaseReviewPeriodSet",
    "CaseSentForProsecution",
    "CaseSuspectInCustody",
    "CaseVoided",
    "CaseWithdrawn",
    "ConsultAnswered",
    "ConsultAsked",
    "DeadlineApproaching",
    "DeadlineBreached",
    "DeadlineMet",
    "DeadlinePaused",
    "DeadlineRecounted",
    "DeadlineWithdrawn",
    "DutyLeadSent",
    "EVENTS",
    "Event",
    "FilingAccepted",
    "FilingDeclined",
    "FilingExtended",
    "FilingUndecidedOverdue",
    "HearingHeld",
    "InterventionAdopted",
    "InterventionOpined",
    "InterventionRequested",
    "ItemsCustodyEntrusted",
    "ItemsHandedOver",
    "ItemsSeized",
    "LeadFound",
    "LeadThresholdMatched",
    "MirrorAccepted",
    "MirrorCopied",
    "MirrorDismissed",
    "ObstacleAssigned",
    "ObstacleCleared",
    "ObstacleReported",
    "OpinionToTransferExecuted",
    "OpinionToTransferIssued",
    "PartyDeregistered",
    "PartyRemedied",
    "PilAnnounced",
    "PilConsulted",
    "PilFiled",
    "PilReplied",
    "PilSuggested",
    "PilSuitFiled",
    "PilVerified",
    "ReconsiderationDecided",
    "ReconsiderationRequested",
    "ReturnedToAgency",
    "ReverseCaseMoved",
    "ReverseFollowedUp",
    "ReverseJurisdictionSettled",
    "ReverseOpinionDelivered",
    "ReverseOpinionIssued",
    "ReverseRegistered",
    "ReverseReplied",
    "ReverseReplyOverdue",
    "ReverseResumed",
    "ReverseReviewClosed",
    "ReverseReviewExtended",
    "ReverseSuspended",
    "SuggestionRevisited",
    "SupervisionConcluded",
    "SupervisionCorrected",
    "SupervisionDisputeDecided",
    "SupervisionDisputed",
    "SupervisionFileOrdered",
    "SupervisionProposed",
    "SupervisionReasonsGiven",
    "SupervisionReasonsRequested",
    "SupervisionUrged",
    "SupervisionWithdrawalOrdered",
    "TestResulted",
    "TransferApproved",
    "TransferForwarded",
    "TransferOnSiteHanded",
    "TransferOutOfRemit",
    "TransferReceived",
    "TransferRefused",
    "TransferReported",
    "TransferSent",
    "TransferSupplementRequested",
    "TransferSupplemented",
    "TransferSuspected",
    "TransferTaskGroupFormed",
]
