"""`PUT /v1/documents/{sha256}`: a unit sends a file that its events name by the hash of its content."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import Engine

from infra.callers import CallingUnit
from infra.document_store import CHUNK, DocumentStore, Incoming
from infra.documents import record_document
from infra.problems import BAD_REQUEST, BUSY, MEDIA_TYPE, REFUSED, TOO_LARGE, ProblemError

DIGEST = r"^[0-9a-f]{64}$"
Digest = Annotated[str, InPath(pattern=DIGEST, description="SHA-256 of the content, in lower-case hex")]

_MEDIA = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}")
_ANY_MEDIA = "application/octet-stream"
_SILENCE_SECONDS = 30.0
_AT_ONCE = 4
"""Uploads of one unit at a time."""

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": what, "content": {MEDIA_TYPE: {}}}
    for status, what in (
        (400, "The upload broke off"),
        (401, "No valid API key"),
        (413, "The document is too large"),
        (422, "The content has another hash than the address says"),
        (429, "The unit has used up what it may bring; repeat after Retry-After"),
        (503, "Not now; repeat after Retry-After"),
    )
}


class DocumentOut(BaseModel):
    """The document is in the store; events may name it by this hash."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What uploads need: where they are written first, where they end up, and how large they may be."""

    engine: Engine
    store: DocumentStore
    incoming: Incoming
    most_bytes: int
    clock: Callable[[], datetime]


def router(desk: Desk) -> APIRouter:
    """The route for sending documents."""
    routes = APIRouter(tags=["say"])
    under_way: Counter[str] = Counter()

    @routes.put(
        "/v1/documents/{digest}",
        summary="Send a document that events name",
        status_code=201,
        response_model=DocumentOut,
        responses={
            200: {"model": DocumentOut, "description": "You have sent it before"},
            **_ERRORS,
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def send(digest: Digest, request: Request, unit: CallingUnit) -> Response:
        """The body is the content itself. Only content with this SHA-256 is kept; sending it again does no harm.

        The Content-Type is kept and told to whoever reads the document.
        """
        declared = request.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > desk.most_bytes:
            raise _too_large(desk.most_bytes)
        with _one_more(under_way, unit):
            file = desk.incoming.new_file()
            try:
                size = await _receive(request, file, digest, desk.most_bytes)
                new = await run_in_threadpool(_record, desk, file, digest, unit, _media(request))
            finally:
                file.unlink(missing_ok=True)
        return JSONResponse({"sha256": digest, "size": size}, 201 if new else 200)

    return routes


def _record(desk: Desk, file: Path, digest: str, unit: str, media_type: str) -> bool:
    return record_document(
        desk.engine,
        desk.store,
        file,
        digest=bytes.fromhex(digest),
        unit=unit,
        media_type=media_type,
        now=desk.clock(),
    )


@contextmanager
def _one_more(under_way: Counter[str], unit: str) -> Iterator[None]:
    if under_way[unit] >= _AT_ONCE:
        raise ProblemError(BUSY, f"{unit} is sending {_AT_ONCE} documents already; send this one later")
    under_way[unit] += 1
    try:
        yield
    finally:
        under_way[unit] -= 1


async def _receive(request: Request, file: Path, digest: str, most: int) -> int:
    """Writes the body to `file` piece by piece and returns its size. Raises ProblemError unless it is `digest`."""
    hashed, size = sha256(), 0
    pieces = request.stream()
    with file.open("xb") as writing:
        gathered = bytearray()
        while True:
            try:
                piece = await asyncio.wait_for(anext(pieces, None), _SILENCE_SECONDS)
            except TimeoutError:
                raise ProblemError(BAD_REQUEST, f"nothing came for {_SILENCE_SECONDS:g} s") from None
            gathered += piece or b""
            size += len(piece or b"")
            if size > most:
                raise _too_large(most)
            if len(gathered) >= CHUNK or (piece is None and gathered):
                await run_in_threadpool(_write, writing, hashed, bytes(gathered))
                gathered.clear()
            if piece is None:
                break
    if hashed.hexdigest() != digest:
        raise ProblemError(
            REFUSED, f"the content has the SHA-256 {hashed.hexdigest()}; nothing was kept", reason="digest"
        )
    return size


def _write(writing: Any, hashed: Any, piece: bytes) -> None:
    hashed.update(piece)
    writing.write(piece)


def _media(request: Request) -> str:
    told = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return told if _MEDIA.fullmatch(told) else _ANY_MEDIA


def _too_large(most: int) -> ProblemError:
    return ProblemError(TOO_LARGE, f"the document is larger than {most} bytes")
