"""Waiting for what other processes do: it ends as soon as it holds, and never by itself."""

import time
from collections.abc import Callable

PATIENCE = 40.0  # seconds after which something counts as not happening
PAUSE = 0.05


def until(holds: Callable[[], object], what: str) -> object:
    """What `holds` gives as soon as it is true. Fails after PATIENCE."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        found = holds()
        if found:
            return found
        time.sleep(PAUSE)
    raise AssertionError(f"waited {PATIENCE:.0f} s in vain: {what}")
