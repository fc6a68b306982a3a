"""From the form of a notice to a draft and its files: what is missing, unknown or too large is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from typing import Annotated

from fastapi import UploadFile
from pydantic import BaseModel, Field

from consumers.console.desk import Filing
from consumers.console.notices.addressing import ADDRESSABLE, Kind
from consumers.console.notices.board import Draft, Upload
from consumers.console.sessions import Visitor
from infra.document_store import CHUNK
from schemas.units import Register

MOST_FILES = 10
_ANY_MEDIA = "application/octet-stream"


class Filled(BaseModel):
    """The form as it was sent."""

    kind: Annotated[str, Field(max_length=40)] = ""
    title: Annotated[str, Field(max_length=200)] = ""
    body: Annotated[str, Field(max_length=20_000)] = ""
    time: Annotated[str, Field(max_length=40)] = ""
    units: Annotated[list[str], Field(max_length=2000)] = []
    roles: Annotated[list[str], Field(max_length=40)] = []
    files: Annotated[list[UploadFile], Field(max_length=MOST_FILES + 1)] = []


class UnreadableError(ValueError):
    """The form cannot be published; `words` is the phrase that says why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def draft_of(filled: Filled, author: Visitor, register: Register) -> Draft:
    """What the form says. Raises UnreadableError."""
    if filled.kind not in list(Kind) or not filled.title.strip() or not filled.body.strip():
        raise UnreadableError("notice.unfilled")
    unknown = set(filled.units) - set(register.by_code) | set(filled.roles) - set(ADDRESSABLE)
    if unknown or not (filled.units or filled.roles):
        raise UnreadableError("notice.to_nobody")
    return Draft(
        kind=filled.kind,
        title=filled.title.strip(),
        body=filled.body.strip().replace("\r\n", "\n"),
        author=author.name,
        unit=author.unit,
        units=tuple(sorted(set(filled.units))),
        roles=tuple(sorted(set(filled.roles))),
        opened=filled.time,
    )


@contextmanager
def received(filing: Filing | None, files: Sequence[UploadFile]) -> Iterator[list[Upload]]:
    """The files on the store's own disk, with their hashes; what nobody took over is removed afterwards.

    Raises UnreadableError for too many, a too large one, or without a place for them.
    """
    sent = [one for one in files if one.filename]
    if len(sent) > MOST_FILES:
        raise UnreadableError("notice.too_many_files")
    if sent and filing is None:
        raise UnreadableError("notice.no_store")
    with ExitStack() as stack:
        yield [] if filing is None else [_written(filing, one, stack) for one in sent]


def _written(filing: Filing, sent: UploadFile, stack: ExitStack) -> Upload:
    file, total, size = filing.incoming.new_file(), sha256(), 0
    stack.callback(file.unlink, missing_ok=True)
    with file.open("wb") as written:
        while piece := sent.file.read(CHUNK):
            size += len(piece)
            if size > filing.most_bytes:
                raise UnreadableError("notice.too_large")
            total.update(piece)
            written.write(piece)
    name = (sent.filename or "").replace("\\", "/").rpartition("/")[2][:200]
    return Upload(name, sent.content_type or _ANY_MEDIA, total.digest(), size, file)
