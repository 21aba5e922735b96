"""What a piece of work costs the machine."""

import resource
import sys
import time
from dataclasses import dataclass

MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Cost:
    cpu_seconds: float
    """Of all threads of the process: what ran beside the work is counted too."""
    wall_seconds: float
    peak_memory: int
    """Bytes: the most that the process ever held, so far; in a worker that may have been something else."""


class Meter:
    """Starts when it is made."""

    def __init__(self) -> None:
        self._cpu = time.process_time()
        self._wall = time.monotonic()

    def read(self) -> Cost:
        return Cost(
            cpu_seconds=round(time.process_time() - self._cpu, 2),
            wall_seconds=round(time.monotonic() - self._wall, 2),
            peak_memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MAXRSS_UNIT,
        )
