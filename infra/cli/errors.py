"""Errors that the user of a command can do something about, as one sentence and an exit status."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from infra.settings import EXIT_BAD_SETTING

FAILED = 1
UNAVAILABLE = 69
"""EX_UNAVAILABLE of sysexits.h: a server is out of reach; trying again later may help."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What to tell the user, and the exit status of the command."""

    sentence: str
    exit_code: int


_KNOWN = (
    ("infra.dev.process", "DevError", FAILED),
    ("infra.database", "SchemaError", FAILED),
    ("infra.kafka", "TopicsDiffer", FAILED),
    ("infra.kafka", "KafkaUnavailable", UNAVAILABLE),
    ("infra.schema_registry", "RegistryError", FAILED),
    ("schemas.generate", "SchemaMissingError", FAILED),
    ("schemas.units", "RegisterError", EXIT_BAD_SETTING),
    ("consumers.webhooks.receivers", "ReceiverError", EXIT_BAD_SETTING),
    ("consumers.workdays", "CalendarError", EXIT_BAD_SETTING),
    ("infra.rule_sets", "RuleSetError", FAILED),
    ("infra.signing_key", "KeyFileError", EXIT_BAD_SETTING),
    ("infra.master_keys", "MasterKeyError", EXIT_BAD_SETTING),
    ("schemas.sealed.keys", "UnknownMasterError", EXIT_BAD_SETTING),
    ("schemas.sealed.digests", "NotProven", FAILED),
    ("consumers.shredding.requests", "ShredError", FAILED),
    ("consumers.proof.packing", "NotSignedYet", FAILED),
    ("consumers.proof.pack_check", "BadPack", FAILED),
    ("consumers.rebuild.keeping", "NotFresh", FAILED),
    ("consumers.proof.stating", "BadCopy", FAILED),
    ("producers.outbox.comparing", "StatementDiffers", FAILED),
    ("consumers.feeds.journal", "FeedDiffers", FAILED),
    ("producers.histories", "HistoryError", FAILED),
    ("consumers.handovers.open_points", "SignOffError", EXIT_BAD_SETTING),
    ("consumers.explaining.profiles", "ProfileError", EXIT_BAD_SETTING),
    ("consumers.casework.rules_in_use", "LateEdition", EXIT_BAD_SETTING),
    ("infra.worker", "NotCompiled", EXIT_BAD_SETTING),
    ("infra.oidc", "OidcError", EXIT_BAD_SETTING),
    ("infra.tracing", "TracingError", EXIT_BAD_SETTING),
    ("infra.running_rules", "MixedRulesError", UNAVAILABLE),
    ("consumers.administration.proposals", "ProposalError", FAILED),
    ("infra.rereading", "LogLost", FAILED),
    ("consumers.rebuild.replaying", "NotEmpty", FAILED),
    ("consumers.redrive.jobs", "JobError", FAILED),
    ("consumers.redrive.running", "NotConfirmed", UNAVAILABLE),
    ("infra.batches", "NotDelivered", UNAVAILABLE),
    ("producers.errors", "PublishError", FAILED),
    ("kafka.errors", "KafkaError", UNAVAILABLE),
    ("sqlalchemy.exc", "OperationalError", UNAVAILABLE),
    ("psycopg", "OperationalError", UNAVAILABLE),
    ("httpx", "TransportError", UNAVAILABLE),
)
"""Module, class, exit status. Named, not imported: a command loads only what it uses, and only an error that was
raised can have been loaded."""


def explanation(error: BaseException) -> Explanation | None:
    """What to tell the user about an error; None when it is not one of those foreseen and deserves its traceback."""
    for module, name, exit_code in _KNOWN:
        if any(kind.__module__ == module and kind.__name__ == name for kind in type(error).__mro__):
            return Explanation(_sentence(error), exit_code)
    return None


def unknown_names() -> list[str]:
    """Entries of the table that name no exception; for the test that keeps it honest."""
    return [
        f"{module}.{name}"
        for module, name, _ in _KNOWN
        if not isinstance(getattr(importlib.import_module(module), name, None), type)
    ]


def _sentence(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text if text.endswith((".", "!", ")")) or "\n" in text else f"{text}."
