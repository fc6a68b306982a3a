"""The broker's jars are the ones whose sums are committed, wherever they come from."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from infra.dev.jars import (
    LOCK,
    Jar,
    cache_folder,
    central_mirror,
    fill,
    kafka_jars,
    read_lock,
    verify,
    write_lock,
)
from infra.dev.process import DevError

MIRRORED = """
<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0"><mirrors>
  <mirror><id>other</id><mirrorOf>jboss</mirrorOf><url>https://other.example/</url></mirror>
  <mirror><id>ours</id><mirrorOf>{covers}</mirrorOf><url> https://maven.example/central/ </url></mirror>
</mirrors></settings>
"""


def test_every_jar_in_the_lock_has_a_sum_and_a_file_name_of_its_own():
    jars = read_lock(LOCK)
    assert all(len(jar.sha256) == 64 for jar in jars)
    assert len({jar.file_name for jar in jars}) == len(jars) > 40


def test_the_lock_names_no_host():
    assert "://" not in LOCK.read_text()


def test_a_written_lock_reads_back(tmp_path):
    jars = read_lock(LOCK)
    write_lock(tmp_path / "lock.toml", jars)
    assert read_lock(tmp_path / "lock.toml") == jars


def test_a_jar_with_another_sum_is_refused_and_named(tmp_path):
    jar = Jar("org.example", "thing", "1.0", hashlib.sha256(b"right").hexdigest())
    file = tmp_path / jar.file_name
    file.write_bytes(b"right")
    verify(file, jar)
    file.write_bytes(b"wrong")
    with pytest.raises(DevError, match=r"org\.example:thing:1\.0 .*is not used"):
        verify(file, jar)


def test_a_damaged_download_leaves_no_cache_behind(tmp_path, monkeypatch):
    """The Maven folder of the user offers a jar whose content is not what the lock demands."""
    jar = replace(read_lock(LOCK)[0], sha256="0" * 64)
    offered = tmp_path / "m2" / jar.group.replace(".", "/") / jar.artifact / jar.version
    offered.mkdir(parents=True)
    (offered / jar.file_name).write_bytes(b"damaged")
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    with pytest.raises(DevError, match="SHA-256"):
        fill(tmp_path / "cache", (jar,))
    assert not (tmp_path / "cache").exists()


def test_parallel_starts_fill_the_cache_once(tmp_path):
    """Four processes start on an empty cache; the jars come from a local Maven folder, so nothing is fetched."""
    script = (
        "import os\nfrom pathlib import Path\nfrom infra.dev import jars\n"
        "filled = Path(os.environ['FILLED'])\nfill = jars.fill\n"
        "def noting(folder, wanted):\n"
        "    with filled.open('a') as file: file.write('x')\n"
        "    fill(folder, wanted)\n"
        "jars.fill = noting\n"
        "print(len(list(jars.kafka_jars().glob('*.jar'))))\n"
    )
    environment = os.environ | {
        "LINKAGE_CACHE": str(tmp_path / "cache"),
        "M2_REPO": str(local_maven_folder(tmp_path)),
        "FILLED": str(tmp_path / "filled"),
    }
    environment.pop("KAFKA_HOME", None)
    running = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    counts = [int(process.communicate(timeout=120)[0]) for process in running]
    assert counts == [len(read_lock(LOCK))] * 4
    assert (tmp_path / "filled").read_text() == "x"


def local_maven_folder(tmp_path):
    """The cached jars laid out as Maven does."""
    for jar in read_lock(LOCK):
        place = tmp_path / "m2" / jar.group.replace(".", "/") / jar.artifact / jar.version
        place.mkdir(parents=True)
        (place / jar.file_name).symlink_to(kafka_jars() / jar.file_name)
    return tmp_path / "m2"


@pytest.mark.parametrize(
    ("covers", "expected"),
    [
        ("*", "https://maven.example/central"),
        ("central", "https://maven.example/central"),
        ("external:*", "https://maven.example/central"),
        ("jboss, central", "https://maven.example/central"),
        ("*,!central", None),
        ("external:http:*", None),
    ],
)
def test_a_mirror_of_maven_central_is_honoured(tmp_path, covers, expected):
    settings = tmp_path / "settings.xml"
    settings.write_text(MIRRORED.format(covers=covers))
    assert central_mirror(settings) == expected


def test_without_maven_settings_there_is_no_mirror(tmp_path):
    assert central_mirror(tmp_path / "settings.xml") is None


def test_an_unpacked_kafka_is_preferred_to_the_cache(tmp_path, monkeypatch):
    (tmp_path / "libs").mkdir()
    (tmp_path / "libs" / "kafka_2.13-4.4.0.jar").touch()
    monkeypatch.setenv("KAFKA_HOME", str(tmp_path))
    assert kafka_jars() == tmp_path / "libs"


def test_a_wrong_kafka_home_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("KAFKA_HOME", str(tmp_path))
    with pytest.raises(DevError, match="KAFKA_HOME"):
        kafka_jars()


def test_the_cache_can_be_moved(tmp_path, monkeypatch):
    monkeypatch.delenv("LINKAGE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "linkage-bus"
    monkeypatch.setenv("LINKAGE_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
