"""The evidence pack of a case, for who may take whole cases out: with a reason, and never without an entry of it."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from consumers.console import auditing
from consumers.console.desk import Console, Visit
from consumers.proof.packing import NotSignedYet, pack
from schemas.spans import CHINA


class NoPackError(Exception):
    """There is no pack to be had now; `words` is the phrase that says why and what to do."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def packed(console: Console, visit: Visit, case: UUID, reason: str) -> bytes | None:
    """The pack as a ZIP file; None if there is no such case. Raises NoPackError. Blocks."""
    if len(reason.strip()) < auditing.SHORTEST_REASON:
        raise NoPackError("case.reason_missing")
    if console.signer is None:
        raise NoPackError("case.no_key")
    namespace = console.options.namespace
    with console.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        try:
            made = pack(connection, case, console.signer, namespace=namespace, now=visit.now)
        except NotSignedYet:
            raise NoPackError("case.not_signed") from None
    if made is None:
        return None
    file = BytesIO()
    made.write(file)
    return file.getvalue()


def name_of(visit: Visit, case: UUID) -> str:
    """What the file is called."""
    return f"evidence-{case}-{visit.now.astimezone(CHINA):%Y%m%d-%H%M}.zip"
