"""Building and running a Java example with pinned jars and the runtime of the broker: no JDK, no Maven."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from infra.dev.broker import java_program
from infra.dev.jars import cache_folder, fill, kafka_jars, once, read_lock

_SECONDS = 120


class JavaExample:
    """The example in `folder`, compiled into `to` with the jars of its lock and those of the broker."""

    def __init__(self, folder: Path, to: Path) -> None:
        lock = folder / "jars.lock.toml"
        jars = cache_folder() / f"{folder.name}-{sha256(lock.read_bytes()).hexdigest()[:12]}"
        once(jars, lambda: fill(jars, read_lock(lock)))
        self._path = os.pathsep.join((str(to), f"{jars}/*", f"{kafka_jars()}/*"))
        sources = [str(file) for file in (folder / "src/main/java").glob("*.java")]
        [compiler] = jars.glob("ecj-*.jar")
        every = os.pathsep.join(str(jar) for place in (jars, kafka_jars()) for jar in place.glob("*.jar"))
        _run(["-jar", str(compiler), "-17", "-encoding", "UTF-8", "-cp", every, "-d", str(to), *sources], {})

    def run(self, name: str, *arguments: str, **environment: str) -> str:
        """What the program prints. Blocks until it ends; AssertionError with all it said if it fails."""
        return _run(["-Dstdout.encoding=UTF-8", "-cp", self._path, name, *arguments], environment)


def _run(arguments: list[str], environment: Mapping[str, str]) -> str:
    command = [java_program(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", *arguments]
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
