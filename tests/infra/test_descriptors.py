"""A process with many receivers or readers may open as many connections as the system lets it."""

from __future__ import annotations

import subprocess
import sys

_LIMITED = """
import resource
from infra.descriptors import allow_many
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 512))
allow_many()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_the_soft_limit_is_raised_to_the_hard_one_and_not_beyond():
    told = subprocess.run([sys.executable, "-c", _LIMITED], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["512", "512"]
