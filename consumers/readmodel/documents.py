"""`GET /v1/documents/{sha256}`: the content of a document, for its sender and for whoever was told of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse
from sqlalchemy import Engine

from consumers.readmodel.mentions import bring_up_to_date, document_for
from infra.callers import CallingUnit
from infra.document_store import DocumentStore
from infra.problems import MEDIA_TYPE, NOT_FOUND, ProblemError

_Digest = Annotated[
    str, Path(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the content, in lower-case hex")
]
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
    404: {"description": "No document that you sent or were told of", "content": {MEDIA_TYPE: {}}},
}


def router(engine: Engine, store: DocumentStore, *, partitions: int) -> APIRouter:
    """The route for reading documents."""
    routes = APIRouter(tags=["read"])

    @routes.get(
        "/v1/documents/{digest}",
        summary="The content of a document",
        response_class=StreamingResponse,
        responses=_RESPONSES,
    )
    def document(digest: _Digest, unit: CallingUnit) -> StreamingResponse:
        """For the unit that sent it, and for every unit that said an event which names it, or has to act on one."""
        media_type, content = _find(digest, unit)
        headers = {
            "Content-Disposition": "attachment",  # a sender's HTML must not run in a reader's browser
            "X-Content-Type-Options": "nosniff",
            "ETag": f'"{digest}"',
        }
        return StreamingResponse(content, media_type=media_type, headers=headers)

    def _find(digest: str, unit: str) -> tuple[str, Iterator[bytes]]:
        bring_up_to_date(engine, partitions)
        with engine.connect() as connection:
            media_type = document_for(connection, unit, bytes.fromhex(digest))
        if media_type is None:
            raise ProblemError(NOT_FOUND, "there is no document by this hash that you sent or were told of")
        return media_type, store.read(bytes.fromhex(digest))

    return routes
