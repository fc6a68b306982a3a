"""What can become of an event that was not acknowledged: refused here, refused by the broker, or unknown."""

from __future__ import annotations

from producers.receipts import Receipt


class PublishError(Exception):
    """The event has no receipt. The subclass says whether it can be in the log all the same."""


class NotAccepted(PublishError):  # noqa: N818  (says what happened to the event; a caller reads it as a sentence)
    """The bus would refuse this event, so it was never sent: correct it and publish again.

    `reason` is the code that intake would have put on the dead letter, `detail` the sentence, `path` the
    place in the event (`data.parties[0].name`) if one place is to blame.
    """

    def __init__(self, reason: str, detail: str, *, path: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.path = path


class NotSealed(PublishError):  # noqa: N818
    """There is no ingress key to seal this event to, or it has expired: nothing was sent, and nothing in the clear.

    The event is not to blame; it can be published as it is once the current key is known.
    """


class BusRefused(PublishError):  # noqa: N818
    """The broker refused the record, for instance because this principal may not write the topic.

    It was not written, and trying again as it is would only repeat the answer.
    """


class NotPermitted(BusRefused):
    """The broker refuses this principal, or this topic: the event is not to blame.

    It can be published as it is once the permission or the name is put right.
    """


class BusUnreachable(PublishError):  # noqa: N818
    """The broker did not acknowledge in time, so the outcome is unknown: the event may be in the log.

    Publish again with the same id: the bus takes one identity once, so a repetition cannot do harm.
    """


class PartlyPublished(PublishError):  # noqa: N818
    """Some events of several have no receipt. Both dictionaries are keyed by position in the input."""

    def __init__(self, receipts: dict[int, Receipt], failures: dict[int, PublishError]) -> None:
        first = min(failures)
        super().__init__(
            f"{len(failures)} of {len(failures) + len(receipts)} events were not acknowledged; "
            f"the first is number {first}: {failures[first]}"
        )
        self.receipts = receipts
        self.failures = failures
