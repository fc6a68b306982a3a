"""The house is in order: what modules are called, how they open, what they may not do and what is packaged."""

from __future__ import annotations

import ast
import hashlib
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES = ("schemas", "producers", "consumers", "infra")
MOST_LINES = 500

_LEFT_BY_TOOLS = re.compile(
    r"^(\.git|\.venv|\..+_cache|\.hypothesis|\.cache|__pycache__|build|dist|.+-data|.+\.egg-info)$"
)


def _files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file of the project, as a fresh clone would have it."""
    for path in sorted(folder.iterdir()):
        if _LEFT_BY_TOOLS.match(path.name):
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


FILES = tuple(_files())
MODULES = tuple(path for path in FILES if path.suffix == ".py")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


TEXTS = {_name(path): path.read_text("utf-8", errors="replace") for path in FILES if path.suffix != ".png"}
TREES = {_name(path): ast.parse(TEXTS[_name(path)]) for path in MODULES}
PRODUCT = tuple(name for name in TREES if name.startswith(PACKAGES))


def _calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """(dotted name, call) for every call in a module."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


# Modules that collect what belongs nowhere. A thing has a name, and its module is called after it.
SHAPELESS = {"base", "common", "core", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}


def test_a_module_is_named_after_what_it_holds() -> None:
    shapeless = [name for name in TREES if SHAPELESS & set(re.split(r"[/_.]", name))]
    assert shapeless == []


def test_a_module_opens_with_a_sentence_about_what_lives_there() -> None:
    silent = []
    for name, tree in TREES.items():
        opening = (ast.get_docstring(tree) or "").partition("\n\n")[0]
        empty_package = name.endswith("__init__.py") and not TEXTS[name].strip()
        if not empty_package and not opening.endswith((".", ":", "?")):
            silent.append(f"{name}: {opening!r}")
    assert silent == []


def test_a_module_is_short_enough_to_be_read() -> None:
    long = {name: lines for name in TREES if (lines := TEXTS[name].count("\n")) > MOST_LINES}
    assert long == {}, "divide it by what it holds"


_NAIVE = re.compile(r"\b(datetime|date)\.(utcnow|utcfromtimestamp|today)$")
_ZONED = {"now": 1, "fromtimestamp": 2}
"""Calls of `datetime` that give an aware time only with this many arguments."""


def _made_aware(name: str) -> set[ast.expr]:
    """What stands before `.astimezone()` in a module."""
    attributes = (node for node in ast.walk(TREES[name]) if isinstance(node, ast.Attribute))
    return {node.value for node in attributes if node.attr == "astimezone"}


def _is_naive(name: str, call: ast.Call) -> bool:
    kind, _, last = name.rpartition(".")
    without = kind.endswith("datetime") and len(call.args) + len(call.keywords) < _ZONED.get(last, 0)
    return without or bool(_NAIVE.search(name))


def test_every_time_knows_its_zone() -> None:
    naive = [
        f"{module}:{call.lineno} {name}"
        for module in TREES
        for name, call in _calls(module)
        if _is_naive(name, call) and call not in _made_aware(module)
    ]
    assert naive == []


SLEEPERS = {
    "consumers/proof/cut.py": "a thread of its own, which waits until the readers have passed what was written",
    "infra/demo/reading.py": "waits in the terminal until the bus has got through the cases",
    "infra/dev/process.py": "waits for a server of the development installation to answer or to end",
    "infra/dev/supervisor.py": "looks now and then whether every part of the installation is alive",
    "infra/kafka.py": "waits at start for a broker that is still electing, before anything else runs",
    "infra/watchdog.py": "a thread of its own, which does nothing but look now and then",
}
"""Where a thread may sleep, and why: everywhere else a process waits for what it waits for."""


def test_nothing_sleeps_but_what_has_a_reason_to() -> None:
    sleeping = {name for name in PRODUCT if any(called == "time.sleep" for called, _ in _calls(name))}
    assert sleeping == SLEEPERS.keys()


_ASKS = re.compile(
    r"(^|\.)(now|utcnow|today|monotonic|perf_counter)$|^time\.time$|^(secrets|random|uuid)\.|^uuid4$"
)


def _pure_modules() -> Iterator[str]:
    """The modules that the import contracts keep from doing I/O."""
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    [pure] = [one for one in contracts if one["name"] == "Contracts and rules do no I/O"]
    for module in pure["source_modules"]:
        place = module.replace(".", "/")
        yield from (name for name in TREES if name == f"{place}.py" or name.startswith(f"{place}/"))


def test_no_rule_asks_what_time_it_is_or_throws_dice() -> None:
    """ "Now" is when the broker wrote the record, and ids are derived: otherwise a replay would decide otherwise."""
    pure = sorted(set(_pure_modules()))
    asked = [
        f"{module}:{call.lineno} {name}"
        for module in pure
        for name, call in _calls(module)
        if _ASKS.search(name)
    ]
    assert len(pure) > len(PACKAGES)
    assert asked == []


def test_no_test_patches_what_it_tests() -> None:
    patching = [name for name in TREES if re.search(r"\bmock\b", _imports(name))]
    assert patching == []


def _imports(name: str) -> str:
    nodes = (node for node in ast.walk(TREES[name]) if isinstance(node, ast.Import | ast.ImportFrom))
    return "\n".join(ast.unparse(node) for node in nodes)


def test_what_is_packaged_is_listed_and_is_all_there_is() -> None:
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(PACKAGES)
    assert PROJECT["tool"]["importlinter"]["root_packages"] == list(PACKAGES)
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == {*PACKAGES, "tests"}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_claims_the_name_of_a_package(package: str) -> None:
    """The folders are the packages, so their names are plain words: another owner of one would shadow it."""
    assert set(packages_distributions().get(package, [])) <= {PROJECT["project"]["name"]}


# In pieces, so that this file does not hold what it looks for.
FOREIGN = {
    "a path of one machine": r"(?<![\w.\-/])/(work|root|home/\w+|Users/\w+)/|/tmp/[b]ash|/opt/[w]heels",
    "the host of a package registry": r"pypi\.o[r]g|pythonhoste[d]|repo1?\.maven\.|npmj[s]\.|proxy\.golan[g]|static\.crate[s]",
    "a mark of unfinished work": r"\b(TOD[O]|FIXM[E]|XX[X])\b",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_nothing_names_what_belongs_to_one_machine_or_is_unfinished(what: str) -> None:
    wanted = re.compile(FOREIGN[what])
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in TEXTS.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if wanted.search(line)
    ]
    assert found == []


def test_the_licence_is_the_apache_licence_word_for_word() -> None:
    text = (ROOT / "LICENSE").read_bytes()
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert PROJECT["project"]["license-files"] == ["LICENSE"]
    assert (
        hashlib.sha256(text).hexdigest() == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
    )
