"""How many files and connections a process may have open: each receiver and each reader of a stream is one."""

from __future__ import annotations

import resource

MOST = 65_536


def allow_many() -> None:
    """Raise the soft limit of this process, often 1,024, to what the system lets it have, at most MOST."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
