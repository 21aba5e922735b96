"""The process of one contender: does one job and tells what it cost.

python -m benchmarks.contender JOB.json
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

from benchmarks.cost import Cost, peak_memory, spend
from benchmarks.exchange import Job, Run, Settings, Told, read_asked, write_table
from benchmarks.rivals import Cornac, Implicit, LensKit, Rival

RIVALS: Mapping[str, Callable[[str], Rival]] = {"implicit": Implicit, "lenskit": LensKit, "cornac": Cornac}


def main() -> None:
    perform(Job.load(Path(sys.argv[1])))


def perform(job: Job) -> None:
    rival = _find(job)
    try:
        rival.read(Path(job.folder))
    except ModuleNotFoundError as error:
        Told(missing=(error.name or job.library).partition(".")[0]).save(job)
        return
    asked = read_asked(Path(job.folder))
    runs = tuple(_run(rival, job, place, settings, asked) for place, settings in enumerate(job.settings))
    Told(version=rival.version, runs=runs, megabytes=peak_memory()).save(job)


def _find(job: Job) -> Rival:
    if job.library in RIVALS:
        return RIVALS[job.library](job.method)
    # Not imported where rivals run in a Python without it.
    product: Rival = import_module("benchmarks.product").Product(job.method)
    return product


def _run(rival: Rival, job: Job, place: int, settings: Settings, asked: list[str]) -> Run:
    fit = spend(lambda: rival.fit(settings))
    answers: list[Cost] = []
    write_table(
        job.lists(place), ("customer_id", "product_id", "rank"), _answer(rival, asked, job.k, answers)
    )
    return Run(fit, tuple(answers))


def _answer(rival: Rival, asked: list[str], k: int, answers: list[Cost]) -> Iterator[tuple[str, str, int]]:
    for customer in asked:
        found: list[str] = []
        answers.append(spend(lambda: found.extend(rival.answer(customer, k))))  # noqa: B023 - called at once
        yield from ((customer, product, rank) for rank, product in enumerate(found, 1))


if __name__ == "__main__":
    main()
