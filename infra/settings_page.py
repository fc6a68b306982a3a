"""`docs/settings.md`, made from the fields of `Settings`: `python -m infra.settings_page`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from infra.settings import EXIT_BAD_SETTING, Settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"

_OTHERS = (
    ("LINKAGE_WORKER_SLOT", "worker", "seat of a worker in its group: a restart with the same one is quick"),
    ("LINKAGE_GATEWAY", "`linkage publish`", "address of the gateway; default: the one of the settings"),
    ("LINKAGE_KEY", "`linkage publish`", "API key of the unit that speaks"),
    ("LINKAGE_OUTBOX", "`linkage outbox`", "SQLite file, or the address of the agency's own database"),
    (
        "LINKAGE_INGRESS_KEY",
        "`linkage outbox`, `linkage publish`",
        "what payloads are sealed to on the way in (docs/sealing.md); none: they lie in the clear there",
    ),
    ("LINKAGE_UNIT", "`linkage outbox`", "the unit that speaks; the same as `--unit`"),
    ("LINKAGE_OPERATOR", "`linkage dlq`", "who acts; the same as `--by`"),
    *(
        (
            f"LINKAGE_PASSWORD_{name}",
            "`linkage principals apply`",
            f"password of `linkage-{name.lower()}` on Kafka",
        )
        for name in ("WORKER", "RELAY", "GATEWAY", "CLOCK", "WEBHOOKS", "CONSOLE", "REDRIVE", "OPERATOR")
    ),
    ("LINKAGE_READY_FILE", "every process", "file that the process makes once it does its work"),
    ("LINKAGE_FAILPOINT", "every process", "`name[:nth]`: the process kills itself there; for tests only"),
    (
        "LINKAGE_FAILPOINT_SIGNAL",
        "every process",
        "`stop`: it stops there by SIGSTOP instead; for tests only",
    ),
    (
        "LINKAGE_CACHE",
        "`linkage dev`",
        "folder for downloads; default: `linkage-bus` in the user's cache folder",
    ),
    ("APICURIO_HOME", "the tests", "an unpacked Apicurio Registry to use instead of the downloaded one"),
    ("KAFKA_HOME", "`linkage dev`", "an unpacked Apache Kafka to use instead of the downloaded jars"),
    (
        "LINKAGE_POSTGRES_BIN",
        "`linkage dev`",
        "folder of a PostgreSQL server's programs to use instead of the wheel's",
    ),
)


def settings_page() -> str:
    """The page as Markdown: one row for each setting, with what is accepted and the default."""
    rows = [_row(name, field) for name, field in Settings.model_fields.items()]
    others = [f"| `{name}` | {reader} | {about} |" for name, reader, about in _OTHERS]
    return "\n".join(
        [
            "<!-- Made by `make generate` from infra/settings.py. -->",
            "# Settings",
            "",
            "Every process reads its settings once, at its start, from environment variables. A value that is not",
            f"accepted stops it with exit status {EXIT_BAD_SETTING}, the variable's name and what is accepted.",
            "",
            "| Variable | Accepted | Default | Meaning |",
            "|---|---|---|---|",
            *rows,
            "",
            "## Not read through the settings",
            "",
            "| Variable | Read by | Meaning |",
            "|---|---|---|",
            *others,
            "",
        ]
    )


def _row(name: str, field: FieldInfo) -> str:
    return f"| `LINKAGE_{name.upper()}` | {_accepted(field)} | {_default(field)} | {field.description} |"


def _accepted(field: FieldInfo) -> str:
    schema: dict[str, Any] = TypeAdapter(field.rebuild_annotation()).json_schema()
    kinds = [part for part in schema.get("anyOf", [schema]) if part.get("type") != "null"]
    kind = kinds[0]
    if "enum" in kind:
        return ", ".join(f"`{value}`" for value in kind["enum"])
    names = {"integer": "whole number", "number": "number", "array": "JSON list", "boolean": "true or false"}
    name = names.get(kind["type"], "text")
    return ("path of a file" if kind.get("format") == "path" else name) + _bounds(kind)


def _bounds(kind: dict[str, Any]) -> str:
    words = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    return "".join(f" {word} {kind[key]:g}" for key, word in words.items() if key in kind)


def _default(field: FieldInfo) -> str:
    value = field.get_default()
    if value is None or value == "":
        return "none"
    if isinstance(value, bool | frozenset):
        value = json.dumps(sorted(value) if isinstance(value, frozenset) else value)
    return f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(settings_page())
    sys.stdout.write(f"{PAGE.name}\n")
