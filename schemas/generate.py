"""What is made from the Avro schemas: typed events, the catalogue page, AsyncAPI and the record of what was released.

`root` is the folder that holds `schemas/` and `docs/`.
"""

from __future__ import annotations

import json
from pathlib import Path

from schemas.asyncapi import asyncapi
from schemas.catalogue import AVRO, BY_NAME, EVENT_TYPES
from schemas.catalogue_page import catalogue_page
from schemas.compatibility import Break, Schemas, breaks, read_released, released_text
from schemas.event_modules import event_modules
from schemas.samples import samples

ROOT = AVRO.parent.parent
RELEASED = Path("schemas/avro/released.json")
PAGE = Path("docs/catalogue.md")
ASYNCAPI = Path("docs/asyncapi.json")
EVENTS = Path("schemas/events")


class SchemaMissingError(ValueError):
    """A row of the catalogue without its Avro schema: says which file to write."""


def read_schemas(root: Path = ROOT) -> Schemas:
    """The Avro schema of every row of the catalogue, by schema id. Raises SchemaMissingError."""
    folder = root / "schemas" / "avro"
    missing = [row for row in EVENT_TYPES if not (folder / row.avsc).exists()]
    if missing:
        names = ", ".join(f"{row.name} v{row.version}" for row in missing)
        files = ", ".join(f"schemas/avro/{row.avsc}" for row in missing)
        raise SchemaMissingError(f"the catalogue has {names}, but no schema of it: write {files}")
    return {row.schema_id: json.loads((folder / row.avsc).read_text("utf-8")) for row in EVENT_TYPES}


def generated(root: Path = ROOT) -> dict[Path, str]:
    """The text that each generated file must have now, by its path under `root`."""
    schemas = read_schemas(root)
    contracts = [(row, schemas[row.schema_id]) for row in EVENT_TYPES if BY_NAME[row.name] is row]
    examples = {row.name: [sample.name for sample in samples(row.name)] for row, _ in contracts}
    files = {EVENTS / f"{name}.py": text for name, text in event_modules(contracts).items()}
    files[PAGE] = catalogue_page(contracts, examples)
    document = asyncapi(EVENT_TYPES, lambda row: {"$ref": f"../schemas/avro/{row.avsc}"})
    files[ASYNCAPI] = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    files[RELEASED] = released_text(EVENT_TYPES, schemas, _released(root))
    return files


def stale(root: Path = ROOT) -> list[Path]:
    """Generated files that are not what the schemas say, and files beside them that nothing generates."""
    files = generated(root)
    wrong = [path for path, text in files.items() if _text(root / path) != text]
    present = [path.relative_to(root) for path in sorted((root / EVENTS).glob("*.py"))]
    return wrong + [path for path in present if path not in files]


def breaking(root: Path = ROOT) -> list[Break]:
    """Every breaking change to what was released; see `schemas.compatibility`."""
    return breaks(EVENT_TYPES, read_schemas(root), _released(root))


def _released(root: Path) -> Schemas:
    return read_released(_text(root / RELEASED) or "{}")


def _text(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None
