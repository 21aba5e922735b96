"""The product and its rivals on one split in time: the same cases for everybody, each in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from pathlib import Path

import numpy as np

from benchmarks import product
from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.cost import Cost
from benchmarks.exchange import ASKED, COLUMNS, TRAIN, Job, Run, Settings, Told, read_lists, write_table
from recommender.interactions import Floats, Interactions, moment
from recommender.windows import Case, Window, cross_sell_cases, split

K = 10
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "LK_NUM_THREADS",
        "LK_NUM_BACKEND_THREADS",
    ),
    "1",
)


@dataclass(frozen=True, slots=True)
class Quality:
    """One value per case."""

    ndcg: Floats
    recall: Floats
    hit: Floats


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of one contender; only `name` and `missing` where it could not take part."""

    name: str
    missing: str = ""
    version: str = ""
    quality: Quality | None = None
    fit: Cost | None = None
    """None where it is another contender's."""
    tuning: Cost | None = None
    """All fits on the past window, without their answers; of the product, training less the final fit."""
    megabytes: int = 0
    answers: tuple[Cost, ...] = ()
    settings: Settings | None = None


class Arena:
    """One split as files, and the scoring of what comes back."""

    def __init__(self, folder: Path, window: Window, products: Path | None) -> None:
        self.folder, self.window = folder, window
        self.cases = list(cross_sell_cases(window))
        names = window.before.customers
        self.customers = [names[case.customer] for case in self.cases]
        write_table(folder / TRAIN, COLUMNS, _lines(window.before))
        write_table(folder / ASKED, ("customer_id",), ((name,) for name in self.customers))
        (folder / product.CUT).write_text(f"{window.cut}")
        if products is not None:
            (folder / f"{product.PRODUCTS}{products.suffix}").write_bytes(products.read_bytes())

    def score(self, job: Job, place: int) -> Quality:
        lists, code = read_lists(job.lists(place)), self._code()
        found = [
            _judge(case, [code[one] for one in lists.get(name, ()) if one in code])
            for name, case in zip(self.customers, self.cases, strict=True)
        ]
        return Quality(*np.array(found, np.float64).reshape(-1, 3).T)

    def _code(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.window.before.products)}


def _judge(case: Case, codes: Sequence[int]) -> tuple[float, float, float]:
    """NDCG, recall and hit of the first K; what was bought before does not take a place."""
    fresh = [one for one in codes if one not in case.history.codes][:K]
    hit = np.isin(np.array(fresh, np.int64), case.targets)
    discount = 1 / np.log2(np.arange(2, K + 2))
    gained = discount[: len(hit)][hit].sum() / discount[: len(case.targets)].sum()
    return float(gained), float(hit.sum() / len(case.targets)), float(hit.any())


def _lines(data: Interactions) -> Iterator[tuple[object, ...]]:
    columns = (data.customer, data.order, data.day, data.product, data.quantity, data.price)
    for customer, order, day, code, quantity, price in zip(*(one.tolist() for one in columns), strict=True):
        at = _write_moment(moment(day)) if not isnan(day) else ""
        cost = f"{price}" if not isnan(price) else ""
        yield data.customers[customer], order, at, data.products[code], quantity, cost


def _write_moment(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(" ", "seconds")


class Comparison:
    def __init__(
        self, folder: Path, data: Interactions, *, products: Path | None, days: int, python: str
    ) -> None:
        window = split(data, days)
        self.folder, self.python = folder, python
        self.now = Arena(folder / "now", window, products)
        self.past = Arena(folder / "past", split(window.before, days), products)
        if not self.now.cases or not self.past.cases:
            raise SystemExit(
                "Nobody bought anything new in the test window or the one before: try other --test-days."
            )

    def run(self) -> Iterator[Standing]:
        yield from self._run_product()
        for contender in CONTENDERS:
            yield from self._run_rival(contender)

    def _run_product(self) -> Iterator[Standing]:
        told = {method: self.do(self.now, product.Product.library, method) for method in product.METHODS}
        (trained, _), (refitted, _) = told[product.TRAINING], told[product.REFITTING]
        fit, whole = refitted.runs[0].fit, trained.runs[0].fit
        tuning = Cost(whole.wall - fit.wall, whole.cpu - fit.cpu)
        ranked, job = told[product.RANKING]
        quality, answers = self.now.score(job, 0), ranked.runs[0].answers
        yield Standing(
            name="sales-assist",
            version=ranked.version,
            quality=quality,
            fit=fit,
            tuning=tuning,
            megabytes=trained.megabytes,
            answers=answers,
        )
        explained, job = told[product.EXPLAINING]
        quality, answers = self.now.score(job, 0), explained.runs[0].answers
        name = "sales-assist, as shown to agents"
        yield Standing(name=name, quality=quality, megabytes=explained.megabytes, answers=answers)

    def _run_rival(self, contender: Contender) -> Iterator[Standing]:
        tried, job = self.do(self.past, contender.library, contender.method, contender.candidates)
        if tried.missing:
            yield Standing(contender.name, missing=tried.missing)
            return
        means = [self.past.score(job, place).ndcg.mean() for place in range(len(tried.runs))]
        chosen = contender.candidates[int(np.argmax(means))]
        yield self._measure(contender, f"{contender.name}, defaults", contender.defaults)
        yield self._measure(contender, f"{contender.name}, tuned", chosen, _add_up(tried.runs))

    def _measure(
        self, contender: Contender, name: str, settings: Settings, tuning: Cost | None = None
    ) -> Standing:
        told, job = self.do(self.now, contender.library, contender.method, (settings,))
        run = told.runs[0]
        return Standing(
            name=name,
            version=told.version,
            quality=self.now.score(job, 0),
            fit=run.fit,
            tuning=tuning,
            megabytes=told.megabytes,
            answers=run.answers,
            settings=settings,
        )

    def do(
        self, arena: Arena, library: str, method: str, settings: Sequence[Settings] = ({},)
    ) -> tuple[Told, Job]:
        out = arena.folder / f"{library}-{method}-{len(settings)}"
        job = Job(library, method, settings, str(arena.folder), str(out), K)
        python = sys.executable if library == product.Product.library else self.python
        root = str(Path(__file__).parents[1])
        command = [python, "-m", "benchmarks.contender", str(job.save())]
        environment = os.environ | ONE_THREAD | {"PYTHONPATH": root}
        subprocess.run(command, check=True, cwd=root, env=environment, stdout=sys.stderr)
        return Told.load(job), job


def _add_up(runs: Sequence[Run]) -> Cost:
    return Cost(sum(run.fit.wall for run in runs), sum(run.fit.cpu for run in runs))
