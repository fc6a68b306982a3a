"""Errors over HTTP: one table of problems, answered as RFC 9457 problem documents in English or Chinese."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from infra.document_store import DocumentLost

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of problem. `slug` is its stable name, used in `type`; the titles say it to people."""

    slug: str
    status: int
    en: str
    zh: str


BAD_REQUEST = Problem("bad-request", 400, "The request cannot be read", "请求无法读取")
NO_KEY = Problem("no-key", 401, "A valid API key is needed", "需要有效的接口密钥")
FOREIGN_SOURCE = Problem("foreign-source", 403, "A unit speaks only for itself", "单位只能以自己的名义报送")
NOT_FOUND = Problem("not-found", 404, "Nothing is found here", "未找到")
NO_INGRESS_KEY = Problem("no-ingress-key", 404, "Nothing is sealed on the way in here", "本系统未设接收密钥")
WRONG_METHOD = Problem("wrong-method", 405, "This address does not take that method", "该地址不支持此方法")
CONFLICT = Problem("conflict", 409, "This id was used for other content", "同一标识已用于不同内容")
AHEAD = Problem("ahead-of-feed", 409, "The position lies ahead of the feed", "位置超出推送序列")
TOO_LARGE = Problem("too-large", 413, "The request is too large", "请求过大")
WRONG_MEDIA = Problem("wrong-media-type", 415, "This media type is not taken here", "此处不接受该媒体类型")
MALFORMED = Problem("malformed", 422, "The content does not have the documented shape", "内容不符合规定格式")
REFUSED = Problem("refused", 422, "The bus would refuse this event", "事件不符合接收条件")
DECIDED = Problem("decided", 409, "This was decided already", "已经作出决定")
NO_ROOM = Problem("no-room", 409, "There are as many of these as there may be", "数量已达上限")
UNAPPROVED = Problem(
    "receiver-not-approved", 422, "The operator has not approved this receiver", "接收地址未经批准"
)
BROKEN = Problem("internal", 500, "The bus failed to answer", "系统内部错误")
SUSPENDED = Problem("suspended", 503, "The unit is suspended; nothing is lost", "单位已被暂停，数据不会丢失")
RATE_LIMITED = Problem("too-many-requests", 429, "The unit's rate limit is used up", "请求频率超出本单位限额")
BUSY = Problem("unavailable", 503, "The bus cannot take this at the moment", "系统暂时无法接收")
PROBLEMS = (
    BAD_REQUEST,
    NO_KEY,
    FOREIGN_SOURCE,
    NOT_FOUND,
    NO_INGRESS_KEY,
    WRONG_METHOD,
    CONFLICT,
    AHEAD,
    TOO_LARGE,
    WRONG_MEDIA,
    MALFORMED,
    REFUSED,
    DECIDED,
    NO_ROOM,
    RATE_LIMITED,
    UNAPPROVED,
    BROKEN,
    SUSPENDED,
    BUSY,
)
_BY_STATUS = {404: NOT_FOUND, 405: WRONG_METHOD, 413: TOO_LARGE, 415: WRONG_MEDIA}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong: `path` names the field, `message` says what is expected there."""

    path: str
    message: str


@dataclass
class ProblemError(Exception):
    """Raised by a route: answered as this problem. `reason` is the finer code, such as intake's own.

    `retry_after` seconds are told with a 429 or 503.
    """

    problem: Problem
    detail: str
    reason: str = ""
    flaws: tuple[Flaw, ...] = field(default=())
    retry_after: int = RETRY_AFTER_SECONDS

    def __str__(self) -> str:
        return f"{self.problem.slug}: {self.detail}"


def body(error: ProblemError, *, instance: str, language: str) -> dict[str, Any]:
    """The members of the problem document; `reason` and `errors` only if there is something to say."""
    document: dict[str, Any] = {
        "type": f"urn:linkage:problem:{error.problem.slug}",
        "title": error.problem.zh if language == "zh" else error.problem.en,
        "status": error.problem.status,
        "detail": error.detail,
        "instance": instance,
    }
    if error.reason:
        document["reason"] = error.reason
    if error.flaws:
        document["errors"] = [{"path": flaw.path, "message": flaw.message} for flaw in error.flaws]
    return document


def language_of(accept_language: str) -> str:
    """`zh` if the Accept-Language header prefers Chinese to English, else `en`."""
    best = {"zh": 0.0, "en": 0.0}
    for part in accept_language.lower().split(","):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.split("-")[0]
        if primary in best:
            best[primary] = max(best[primary], _quality(parameter))
    return "zh" if best["zh"] > best["en"] else "en"


def answer(request: Request, error: ProblemError) -> JSONResponse:
    """The response for `error`, with the headers that its status asks for."""
    headers = {"Content-Language": (language := language_of(request.headers.get("accept-language", "")))}
    if error.problem.status in (429, 503):
        headers["Retry-After"] = str(error.retry_after)
    if error.problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    document = body(error, instance=request.url.path, language=language)
    return JSONResponse(document, error.problem.status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Every error of `app` is answered as a problem document, the framework's own among them."""
    app.exception_handler(ProblemError)(_problem)
    app.exception_handler(RequestValidationError)(_malformed)
    app.exception_handler(HTTPException)(_framework)
    app.exception_handler(DocumentLost)(_lost)
    for away in (OperationalError, InterfaceError, PoolTimeout):
        app.exception_handler(away)(_database)
    app.exception_handler(Exception)(_unexpected)


async def _problem(request: Request, error: ProblemError) -> JSONResponse:
    return answer(request, error)


async def _malformed(request: Request, error: RequestValidationError) -> JSONResponse:
    flaws = tuple(Flaw(".".join(str(part) for part in one["loc"]), one["msg"]) for one in error.errors())
    detail = f"{flaws[0].path}: {flaws[0].message}" if flaws else "the request has another shape"
    return answer(request, ProblemError(MALFORMED, detail, flaws=flaws))


async def _framework(request: Request, error: HTTPException) -> JSONResponse:
    problem = _BY_STATUS.get(error.status_code, BAD_REQUEST if error.status_code < 500 else BROKEN)
    return answer(request, ProblemError(problem, f"{request.method} {request.url.path}: {error.detail}"))


async def _lost(request: Request, error: DocumentLost) -> JSONResponse:
    log.error("a document is lost", path=request.url.path, error=str(error))
    return answer(request, ProblemError(BUSY, "the document cannot be read at the moment"))


async def _database(request: Request, error: Exception) -> JSONResponse:
    log.warning("the database did not answer", path=request.url.path, error=str(error))
    return answer(request, ProblemError(BUSY, "the database does not answer; try again"))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("a request failed", path=request.url.path, exc_info=error)
    return answer(
        request, ProblemError(BROKEN, "the failure is in the log; nothing that was not receipted counts")
    )


def _quality(parameter: str) -> float:
    if not parameter.strip():
        return 1.0
    try:
        return float(parameter.strip().removeprefix("q="))
    except ValueError:
        return 0.0
