"""A real Apicurio Registry on 127.0.0.1 without Docker or Java, on which the contracts are tried as others see them."""

from __future__ import annotations

import os
import tarfile
import tempfile
from pathlib import Path

import httpx

from infra.dev.broker import java_program
from infra.dev.jars import cache_folder, fill, once, read_lock
from infra.dev.process import Child, DevError, free_port
from infra.dev.server import Server

LOCK = Path(__file__).with_name("apicurio.lock.toml")
_PROGRAM = "quarkus-run.jar"
_READY_SECONDS = 120.0


class Apicurio(Server):
    """One registry that keeps everything in memory and its log in `folder`."""

    name = "Apicurio Registry"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._management = free_port()

    @property
    def url(self) -> str:
        """Where it answers; clients made for Confluent's registry use `/apis/ccompat/v7` below it."""
        return f"http://127.0.0.1:{self._port}"

    def launch(self) -> None:
        """Start it without waiting, with what is in the cache."""
        self._child = Child(self.name, self._command(), self._folder / "apicurio.log")
        self._child.start()

    def wait(self) -> None:
        """Block until it answers. Raises DevError if it ends, or does not within two minutes."""
        self.child.wait_until(self._answers, _READY_SECONDS)

    def _command(self) -> list[str]:
        settings = {
            "quarkus.http.host": "127.0.0.1",
            "quarkus.http.port": self._port,
            "quarkus.management.host": "127.0.0.1",  # its default is every address of the machine
            "quarkus.management.port": self._management,
        }
        flags = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        options = [f"-D{name}={value}" for name, value in settings.items()]
        return [java_program(), *flags, *options, "-jar", str(apicurio_folder() / _PROGRAM)]

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/apis/ccompat/v7/subjects", timeout=5).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


def apicurio_folder() -> Path:
    """The unpacked registry: `APICURIO_HOME`, or the cache, filled first if it has to be (150 MB).

    May block while it is fetched from the Maven repository of this machine's settings. Raises DevError when it
    cannot be had or has a wrong sum.
    """
    if home := os.environ.get("APICURIO_HOME"):
        if not (Path(home) / _PROGRAM).is_file():
            raise DevError(
                f"APICURIO_HOME is set, but there is no {_PROGRAM} in {home}: unset it or correct it."
            )
        return Path(home)
    [archive] = read_lock(LOCK)
    folder = cache_folder() / f"apicurio-{archive.version}-{archive.sha256[:12]}"

    def unpack() -> None:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="unpacking-") as scratch:
            fetched, unpacked = Path(scratch) / "fetched", Path(scratch) / "unpacked"
            fill(fetched, (archive,))
            with tarfile.open(fetched / archive.file_name) as packed:
                packed.extractall(unpacked, filter="data")
            unpacked.rename(folder)

    return once(folder, unpack)
