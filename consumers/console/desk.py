"""What every page works with: the console's parts, and the visit that a request is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine

from consumers.console.imports.taking import Importing
from consumers.console.sessions import Visitor
from consumers.console.words import Language
from consumers.monitoring.hearing import Hearings
from consumers.monitoring.watching import Look
from consumers.rulebook import Rulebook
from infra.document_store import DocumentStore, Incoming
from infra.signing_key import Signer
from schemas.topics import CASE_EVENTS

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Options:
    """`https`: reached over HTTPS, so cookies are Secure. `second_factor`: everybody must have one.

    `log_topic` is the name of the log under this installation's `namespace`. `admin_approval`: what is done to a
    unit's access needs a second person. `address`: where people reach the console, for links outside of it.
    """

    https: bool = False
    second_factor: bool = False
    admin_approval: bool = False
    address: str = ""
    log_topic: str = CASE_EVENTS
    namespace: str = ""


class Operating(Protocol):
    """What pages of operators need of the broker."""

    needs_approval: bool
    max_bytes: int

    def look(self) -> Look:
        """Where every topic and reader stands. Raises what broker or database raise. Blocks."""

    def begin(self, job_id: UUID) -> None:
        """Carry out a job in the background."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a department makes of a mirrored opinion; `time` is RFC 3339 with an offset."""

    accept: bool
    time: str
    reason: str
    clue_no: str
    operator: str


class UndecidedError(Exception):
    """The decision was not taken; `words` is the phrase that says why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Deciding(Protocol):
    """What departments need for deciding on mirrored opinions."""

    def decide(self, unit: str, mirror_id: UUID, decided: Decided) -> None:
        """Says the decision once, however often it is asked. Raises UndecidedError. Blocks."""


class Ruling(Protocol):
    """What the page of rules needs of the installation's files. What cannot be used raises ProposalError."""

    def profiles_body(self, names: Collection[str]) -> Mapping[str, Any]:
        """What a proposal of these profiles keeps."""

    def calendar_body(self, snippet: str, now: datetime) -> Mapping[str, Any]:
        """What a proposal of further editions of the calendar keeps."""

    def begin_preview(self, proposal_id: UUID) -> None:
        """Compute what a proposal would change, in a process of its own."""

    def running(self, connection: Connection) -> Sequence[tuple[str, bool]]:
        """The kinds of process that run, and whether each decides by the rules of this console."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What this browser has to bring back from the provider, and what proves that it was the one that asked."""

    state: str
    nonce: str
    verifier: str


class NotProvenError(Exception):
    """The provider did not prove who somebody is; the text is for the log."""


class Proving(Protocol):
    """What signing in through a provider needs."""

    issuer: str

    def begin(self) -> tuple[str, Attempt]:
        """Where to send the browser, and what to keep for its return. Raises NotProvenError. Blocks."""

    def subject(self, code: str, attempt: Attempt) -> str:
        """Who it is, by the provider's unchanging name. Raises NotProvenError. Blocks."""


BUSY, CONFLICTING, REFUSED = "saying.busy", "saying.conflict", "saying.refused"
"""Why an event was not said: no receipt yet, said with other content before, or not as the bus takes it."""


class UnsaidError(Exception):
    """The event was not said; `words` is one of the above, `detail` what was wrong with it."""

    def __init__(self, words: str, detail: str = "") -> None:
        super().__init__(f"{words}: {detail}")
        self.words = words
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Filing:
    """Where files that people attach are written first and where they end up, and how large one may be."""

    store: DocumentStore
    incoming: Incoming
    most_bytes: int


class Speaking(Protocol):
    """What units need for saying events by a form."""

    def say(self, unit: str, item: Mapping[str, object]) -> None:
        """Says one event as `POST /v1/events` takes it, with its id, once however often it is asked.

        Raises UnsaidError. Blocks.
        """


@dataclass(frozen=True)
class Console:
    """The parts that pages use. `clock` gives the aware time.

    `operating`, `deciding`, `speaking` None: without a broker. `ruling` None: rules are shown, not proposed.
    `proving` None: people sign in with a password only. `signer` None: no signing key is set. `filing` None: without a
    document store. `importing` None: no sheets are taken.
    """

    engine: Engine
    rulebook: Rulebook
    clock: Clock
    options: Options
    operating: Operating | None = None
    deciding: Deciding | None = None
    speaking: Speaking | None = None
    ruling: Ruling | None = None
    proving: Proving | None = None
    signer: Signer | None = None
    filing: Filing | None = None
    importing: Importing | None = None

    @cached_property
    def hearings(self) -> Hearings:
        """When units were last heard; read once and kept up."""
        return Hearings(self.engine, self.rulebook)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: who asks, and how they like to read. `query` is the page's state as its address tells it."""

    visitor: Visitor | None
    language: Language
    theme: str
    size: str
    path: str
    query: tuple[tuple[str, str], ...]
    address: str
    now: datetime
    partial: bool
    form_token: str

    @property
    def who(self) -> Visitor:
        """The visitor of a route for which somebody has to be signed in."""
        if self.visitor is None:
            raise RuntimeError(f"{self.path} was answered to nobody")
        return self.visitor

    @property
    def unit(self) -> str | None:
        """Whose rows the visitor may see; None: every unit's."""
        return self.who.unit

    def here(self, changes: Mapping[str, Any] | None = None, **more: Any) -> str:
        """The address of this page in another state: parameters set to these values, or left out for None or ""."""
        changed = {**(changes or {}), **more}
        kept = [(name, value) for name, value in self.query if name not in changed]
        added = [(name, str(value)) for name, value in changed.items() if value not in (None, "")]
        return f"{self.path}?{urlencode(kept + added)}" if kept or added else self.path


def _visit(request: Request) -> Visit:
    visit: Visit = request.state.visit
    return visit


CurrentVisit = Annotated[Visit, Depends(_visit)]
"""The visit that the gate has let in."""
