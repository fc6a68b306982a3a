"""One target under atheris, in a process of its own: `python -m tests.fuzz.guided TARGET FOLDER [libFuzzer options]`.

Input that breaks a promise, takes 10 s or more than the memory allowed ends the process and stays in FOLDER.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections import Counter
from pathlib import Path

import atheris


def main() -> None:
    """Fuzz until libFuzzer's options say that it is enough."""
    name, folder, *options = sys.argv[1:]
    with atheris.instrument_imports(
        include=["schemas", "producers.imports", "consumers.webhooks", "openpyxl"],
        enable_loader_override=False,
    ):
        targets = importlib.import_module("tests.fuzz.targets")
    target = targets.TARGETS[name]
    corpus = Path(folder) / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for n, seed in enumerate(target.seeds()):
        (corpus / f"seed-{n}").write_bytes(seed)
    outcomes: Counter[str] = Counter()
    told = Path(folder) / "outcomes.json"

    def one_input(content: bytes) -> None:
        outcomes[target.take(content)] += 1
        if not outcomes.total() % 100:
            told.write_text(json.dumps(outcomes))

    atheris.Setup([sys.argv[0], f"-artifact_prefix={folder}/", *options, str(corpus)], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
