"""The contracts in a schema registry, under the very ids that stand in our records.

Any client made for Confluent's registry then decodes our topics. Ids are given by the catalogue and never by a
registry, because the log outlives every registry; so they are imported and not registered (docs/registry.md).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from schemas.catalogue import EventType
from schemas.compatibility import Schemas, promise

_CONFLUENT = "/apis/ccompat/v7"
_NATIVE = "/apis/registry/v3"
_SECONDS = 60.0
_LEVEL = {"compatibility": "BACKWARD_TRANSITIVE"}
_KEEP_IDS = {
    "X-Registry-Preserve-GlobalId": "true",
    "X-Registry-Preserve-ContentId": "true",
    "Content-Type": "application/zip",
}


class RegistryError(RuntimeError):
    """The registry cannot hold our contracts under their ids: says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Contract:
    """One version of one event type, as a registry keeps it."""

    event_type: EventType
    schema: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """The record's full name (RecordNameStrategy): one topic holds many event types."""
        return f"{self.schema['namespace']}.{self.schema['name']}"

    @property
    def text(self) -> bytes:
        """The schema as it is sent."""
        return json.dumps(self.schema, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Published:
    """How many contracts were sent, and how many the registry had already."""

    sent: int
    present: int


def contracts(types: Iterable[EventType], schemas: Schemas) -> tuple[Contract, ...]:
    """The contracts of these types."""
    return tuple(Contract(row, schemas[row.schema_id]) for row in types)


def publish(url: str, wanted: Sequence[Contract]) -> Published:
    """Has the Apicurio Registry at `url` hold every contract under its id; blocks. What is there already stays.

    Raises RegistryError if an id is taken by another schema, or if the registry cannot import ids.
    """
    with httpx.Client(base_url=url.rstrip("/"), timeout=_SECONDS) as client:
        missing = _missing(client, wanted)
        if missing:
            _import(client, missing)
            for contract in sorted(missing, key=lambda one: one.event_type.version):
                _register(client, contract)
            still = _missing(client, missing)
            if still:
                raise RegistryError(
                    f"{url} took the contracts, but does not give {_told(still)} by their ids"
                )
        answer = client.put(f"{_CONFLUENT}/config", json=_LEVEL)  # its own default is no check at all
        _expect(answer, "the compatibility level cannot be set")
    return Published(sent=len(missing), present=len(wanted) - len(missing))


def _missing(client: httpx.Client, wanted: Sequence[Contract]) -> list[Contract]:
    """Those whose id is free. Raises RegistryError if one holds something else."""
    missing, taken = [], []
    for contract in wanted:
        answer = client.get(f"{_CONFLUENT}/schemas/ids/{contract.event_type.schema_id}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            missing.append(contract)
            continue
        _expect(answer, "schemas cannot be read")
        if promise(json.loads(answer.json()["schema"])) != promise(contract.schema):
            taken.append(contract)
    if taken:
        raise RegistryError(
            f"{client.base_url} has other schemas under the ids of {_told(taken)}: use a registry, or a tenant of "
            "it, that only the bus writes to"
        )
    return missing


def _import(client: httpx.Client, wanted: Sequence[Contract]) -> None:
    about = client.get(f"{_NATIVE}/system/info")
    if about.is_error or "Apicurio" not in about.text:
        raise RegistryError(
            f"{client.base_url} is no Apicurio Registry 3, the one in which we can choose the ids of schemas; it "
            f"lacks {_told(wanted)}"
        )
    answer = client.post(
        f"{_NATIVE}/admin/import",
        params={"requireEmptyRegistry": "false"},
        content=_archive(wanted, about.json()),
        headers=_KEEP_IDS,
    )
    _expect(answer, "the contracts cannot be imported")


def _archive(wanted: Sequence[Contract], about: Mapping[str, Any]) -> bytes:
    """A ZIP as Apicurio exports it (export version 3.0), with schemas and their ids and nothing of subjects.

    Imported versions of a subject that exists would never become its latest one.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        manifest = _MANIFEST | {"systemVersion": about["version"]}
        archive.writestr("manifest-linkage.Manifest.json", json.dumps(manifest))
        for contract in wanted:
            digest = hashlib.sha256(contract.text).hexdigest()
            archive.writestr(f"content/{digest}.Content.json", json.dumps(_content(contract, digest)))
            archive.writestr(f"content/{digest}.Content.data", contract.text)
    return packed.getvalue()


def _content(contract: Contract, digest: str) -> Mapping[str, Any]:
    hashes = {"canonicalHash": digest, "contentHash": digest}
    kind = {"artifactType": "AVRO", "contentType": "application/json", "serializedReferences": None}
    return {"contentId": contract.event_type.schema_id, **hashes, **kind}


def _register(client: httpx.Client, contract: Contract) -> None:
    """By Confluent's protocol; the registry knows the text by its hash, and gives the id that was imported."""
    address = f"{_CONFLUENT}/subjects/{contract.subject}/versions"
    answer = client.post(address, json={"schema": contract.text.decode()})
    _expect(answer, f"{_told([contract])} cannot be registered")


_MANIFEST = {
    "systemName": "Apicurio Registry",
    "systemDescription": "Contracts of the linkage bus",
    "exportVersion": "3.0",
    "exportedOn": 0,
    "exportedBy": "",
}


def _expect(answer: httpx.Response, what: str) -> None:
    if answer.is_error:
        raise RegistryError(
            f"{what}: {answer.url} answered {answer.status_code} {answer.text[:200]!r}; is this the address of an "
            "Apicurio Registry, without a path?"
        )


def _told(some: Sequence[Contract]) -> str:
    names = [f"{one.event_type.name} v{one.event_type.version}" for one in some[:3]]
    return ", ".join(names) + (f" and {len(some) - 3} more" if len(some) > 3 else "")
