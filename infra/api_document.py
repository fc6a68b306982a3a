"""The OpenAPI document's errors: every operation tells the problems that it may answer with, in one shape."""

from __future__ import annotations

from typing import Any

from infra.problems import MEDIA_TYPE

_SHAPE = {
    "title": "Problem",
    "description": "An error (RFC 9457); titles are in Chinese if Accept-Language prefers it.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "urn:linkage:problem: and a stable name"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "reason": {"type": "string", "description": "A finer code, such as that of a dead letter"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "message"],
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_COMMON = {
    "401": "No valid API key",
    "429": "The unit has used up what it may bring; repeat after Retry-After",
    "503": "The unit is suspended, or a part of the bus is away; repeat after Retry-After",
}
_FRAMEWORKS = ("HTTPValidationError", "ValidationError")


def add_problems(document: dict[str, Any]) -> None:
    """Completes an OpenAPI document as the framework makes it."""
    for operation in [one for path in document["paths"].values() for one in path.values()]:
        told = operation.setdefault("responses", {})
        if "security" in operation:
            for status, description in _COMMON.items():
                told.setdefault(status, {"description": description})
        for status, answer in told.items():
            if int(status) >= 400 and "security" in operation:
                answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    shapes = document.setdefault("components", {}).setdefault("schemas", {})
    shapes["Problem"] = _SHAPE
    for name in _FRAMEWORKS:
        shapes.pop(name, None)
