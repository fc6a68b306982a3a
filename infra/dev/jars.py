"""The broker's program: which jars make it, with their sums, and how they come to this machine.

`kafka-jars.lock.toml` is made by `python -m infra.dev.jars`, which resolves the dependencies anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET  # reads only the user's own Maven settings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.dev.process import DevError

if TYPE_CHECKING:
    from jgo.maven import MavenContext

KAFKA_VERSION = "4.4.0"
ENDPOINT = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"
LOCK = Path(__file__).with_name("kafka-jars.lock.toml")
_SECONDS_PER_FILE = 60
_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar or archive, by its Maven coordinates and the SHA-256 sum that it must have."""

    group: str
    artifact: str
    version: str
    sha256: str
    classifier: str = ""
    packaging: str = "jar"

    @property
    def file_name(self) -> str:
        """Its file name in the cache, unique within a lock."""
        parts = [self.artifact, self.version, *([self.classifier] if self.classifier else [])]
        return f"{'-'.join(parts)}.{self.packaging}"


def kafka_jars() -> Path:
    """The folder with the broker's jars: `KAFKA_HOME/libs`, or the cache, filled first if it has to be.

    May block for some seconds while jars are fetched from the Maven repository of this machine's settings.
    Any number of processes may call it at once. Raises DevError when a jar cannot be had or has a wrong sum.
    """
    if home := os.environ.get("KAFKA_HOME"):
        return _installed(Path(home) / "libs")
    jars = read_lock(LOCK)
    folder = cache_folder() / f"kafka-{KAFKA_VERSION}-{_digest(LOCK.read_bytes())[:12]}"
    return once(folder, lambda: fill(folder, jars))


def once(folder: Path, make: Callable[[], None]) -> Path:
    """`folder`, made by `make` if it is not there; of several processes only one makes it. May block."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder.with_name(f"{folder.name}.lock")):
            if not folder.is_dir():
                make()
    return folder


def cache_folder() -> Path:
    """Where downloads are kept: LINKAGE_CACHE, else the user's cache folder."""
    if own := os.environ.get("LINKAGE_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "linkage-bus"


def read_lock(path: Path) -> tuple[Jar, ...]:
    """The jars named by a lock file."""
    return tuple(Jar(**row) for row in tomllib.loads(path.read_text())["jar"])


def fill(folder: Path, jars: tuple[Jar, ...]) -> None:
    """Fetch and verify every jar, then make `folder` appear with all of them at once. Raises DevError."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as scratch:
        context = _maven(Path(scratch) / "repository")
        complete = Path(scratch) / "complete"
        complete.mkdir()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for jar, source in zip(jars, pool.map(lambda jar: _fetch(context, jar), jars), strict=True):
                verify(source, jar)
                shutil.copyfile(source, complete / jar.file_name)
        complete.rename(folder)


def verify(path: Path, jar: Jar) -> None:
    """Raises DevError unless the file has the jar's sum."""
    actual = _digest(path.read_bytes())
    if actual != jar.sha256:
        raise DevError(
            f"{jar.group}:{jar.artifact}:{jar.version} has the SHA-256 sum {actual}, but the lock file demands "
            f"{jar.sha256}: {path} is damaged or not what was published, and is not used."
        )


def resolve() -> tuple[Jar, ...]:
    """Resolve ENDPOINT with all it needs; blocks for some 20 s. For making the lock, never for starting."""
    from jgo.env import EnvironmentBuilder, LinkStrategy  # noqa: PLC0415 - only with the extra installed

    with tempfile.TemporaryDirectory() as scratch:
        builder = EnvironmentBuilder(
            context=_maven(Path(scratch) / "repository"),
            cache_dir=Path(scratch) / "environments",
            link_strategy=LinkStrategy.COPY,
        )
        environment = builder.from_endpoint(ENDPOINT)
        found = [path.resolve() for path in environment.all_jars]
        if environment.lockfile is None or len(found) != len(environment.lockfile.dependencies):
            raise DevError(f"{ENDPOINT} could not be resolved completely.")
        rows = [
            Jar(row.groupId, row.artifactId, row.version, row.sha256 or "")
            for row in environment.lockfile.dependencies
        ]
    return tuple(sorted(rows, key=lambda jar: (jar.group, jar.artifact)))


def write_lock(path: Path, jars: tuple[Jar, ...]) -> None:
    """Write the lock file that `read_lock` reads."""
    rows = [
        f'[[jar]]\ngroup = "{jar.group}"\nartifact = "{jar.artifact}"\n'
        f'version = "{jar.version}"\nsha256 = "{jar.sha256}"\n'
        for jar in jars
    ]
    path.write_text(f"# {ENDPOINT}, as resolved by `python -m infra.dev.jars`\n\n" + "\n".join(rows))


def _maven(repository: Path) -> MavenContext:
    """Maven as jgo sees it, with a download folder of its own: nothing unverified is shared or left."""
    try:
        from jgo.config import GlobalSettings  # noqa: PLC0415 - only with the extra installed
        from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415
        from jgo.maven import MavenContext  # noqa: PLC0415
    except ImportError as error:
        raise DevError(missing_extra("jgo")) from error
    settings = GlobalSettings.load()
    mirror = central_mirror(Path.home() / ".m2" / "settings.xml")
    return MavenContext(
        repo_cache=repository,
        local_repos=[settings.repo_cache],
        remote_repos={"central": mirror or MAVEN_CENTRAL_URL} | settings.repositories,
        timeout=_SECONDS_PER_FILE,
    )


def central_mirror(settings: Path) -> str | None:
    """The address that a Maven settings file puts in the place of Maven Central, if it names one."""
    if not settings.is_file():
        return None
    for mirror in ET.parse(settings).getroot().iterfind(".//{*}mirrors/{*}mirror"):  # noqa: S314 - see import
        covers = {part.strip() for part in (mirror.findtext("{*}mirrorOf") or "").split(",")}
        if covers & {"*", "central", "external:*"} and "!central" not in covers:
            return (mirror.findtext("{*}url") or "").strip().rstrip("/") or None
    return None


def missing_extra(package: str) -> str:
    """What to say when a package of the extra is not installed."""
    return f"`linkage dev` needs the package {package}: install linkage-bus[dev-broker]."


def _fetch(context: MavenContext, jar: Jar) -> Path:
    try:
        project = context.project(jar.group, jar.artifact).at_version(jar.version)
        path: Path = project.artifact(jar.classifier, jar.packaging).resolve()
    except (OSError, RuntimeError) as error:  # requests' errors are OSErrors; jgo raises RuntimeError
        raise DevError(
            f"{jar.group}:{jar.artifact}:{jar.version} cannot be fetched from the Maven repository: {error}. "
            "Without a network, set KAFKA_HOME to an unpacked Apache Kafka, APICURIO_HOME to an Apicurio Registry."
        ) from error
    return path


def _installed(libs: Path) -> Path:
    if not any(libs.glob("kafka_2.13-*.jar")):
        raise DevError(f"KAFKA_HOME is set, but there is no Apache Kafka in {libs}: unset it or correct it.")
    return libs


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file at `path`; blocks while another process has it."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _main() -> Any:
    write_lock(LOCK, resolve())
    sys.stdout.write(f"{LOCK.name}: {len(read_lock(LOCK))} jars\n")


if __name__ == "__main__":
    _main()
