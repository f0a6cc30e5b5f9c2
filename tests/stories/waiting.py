"""Waiting for what other processes do: it ends as soon as it holds, and never by itself."""

import time
from collections.abc import Callable

PATIENCE = 40.0  # seconds after which something counts as not happening
PAUSE = 0.05


def until(holds: Callable[[], object], what: str, patience: float = PATIENCE) -> object:
    """What `holds` gives as soon as it is true. Fails after `patience` seconds."""
    ends = time.monotonic() + patience
    while time.monotonic() < ends:
        found = holds()
        if found:
            return found
        time.sleep(PAUSE)
    raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
