"""Python's cycle collector, set for processes that hold many values for long and hardly ever make a cycle."""

from __future__ import annotations

import gc

YOUNG = 50_000
"""New containers that survive before the collector looks at them: about what a batch of 2,000 events makes."""


def tune() -> None:
    """Set the collector once, when everything is imported and nothing runs yet.

    At its defaults it walks young values every 700 allocations and, again and again, all cases in memory:
    a fifth of casework's time (docs/performance.md). Reference counts free what we make; cycles, such as those
    of an exception and its traceback, are still found, only later.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
