"""What work costs this process: seconds by the wall's clock and of its processors, and memory."""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the wall's clock, and of this process's processors."""

    wall: float
    cpu: float


def spend(work: Callable[[], object]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def peak_memory() -> int:
    """Megabytes resident at most, memory-mapped pages included."""
    # What getrusage tells begins with the peak of the process that started this one.
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(peak[1]) // 1024 if peak else 0


def percentile(values: Iterable[float], share: int) -> float:
    """The value that so many in a hundred do not pass."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]
