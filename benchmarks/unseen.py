"""Shops that nobody fitted anything to, of any size: is the product anywhere worse than what simply sells best?

python -m benchmarks.unseen --shops 40 --first 1
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from benchmarks.strangers import Stranger
from recommender.base import Task
from recommender.errors import TooLittleDataError
from recommender.evaluate import Quality, Report, examine
from recommender.measures import Measure
from recommender.model import SalesModel
from recommender.quality import FEWEST
from recommender.windows import split

TEST_DAYS = 42


@dataclass(frozen=True, slots=True)
class Result:
    seed: int
    size: str
    reports: tuple[Report, ...] = ()
    refused: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shops", type=int, default=40)
    parser.add_argument("--first", type=int, default=1, help="the first shop's number")
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.shops)
    print("| shop | what it is | task | cases | NDCG@10 (95 %) | less the better popularity (95 %) |")
    print("|---|---|---|---|---|---|", flush=True)
    leads: list[Measure] = []
    with ProcessPoolExecutor(given.processes, mp_context=get_context("spawn")) as pool:
        for result in pool.map(measure, seeds):
            print("\n".join(_tell(result)), flush=True)
            leads += [lead for report in result.reports if _says(report) and (lead := _find_lead(report))]
    above, below = sum(one.low > 0 for one in leads), sum(one.high < 0 for one in leads)
    print(
        f"\n{len(leads)} comparisons of {FEWEST} cases or more: surely above {above}, surely below {below};"
    )
    print("where two are equal, one in forty comes out surely below by chance.")


def measure(seed: int) -> Result:
    shop = Stranger.make(seed)
    days = min(TEST_DAYS, max(1, shop.temper.days // 4))
    size = (
        f"{len(shop.purchases):,} lines, {len(shop.purchases.customers):,} × {len(shop.purchases.products):,},"
        f" {shop.temper.days} days{', described' if shop.temper.described else ''}"
    )
    window = split(shop.purchases, days)
    try:
        model = SalesModel.train(window.before, shop.catalogue)
    except TooLittleDataError as error:
        return Result(seed, size, refused=str(error))
    return Result(seed, size, tuple(examine(model, window, task) for task in Task))


def _tell(result: Result) -> Iterator[str]:
    if result.refused:
        yield f"| {result.seed} | {result.size} | {result.refused} | | | |"
    for report in result.reports:
        ours, lead = report.model, _find_lead(report)
        cells = (_write(ours.ndcg), _write(lead, "+")) if ours and lead else ("", "")
        mark = " **below**" if lead and lead.high < 0 and _says(report) else ""
        head = f"| {result.seed} | {result.size} | {report.task} | {report.cases:,} "
        yield f"{head}| {cells[0]} | {cells[1]}{mark} |"


def _says(report: Report) -> bool:
    """Drawn again and again from one case or two, an interval has no width: it says nothing."""
    return report.cases >= FEWEST


def _find_lead(report: Report) -> Measure | None:
    """Over the popularity that does better on these cases: harder to beat than one named beforehand."""
    rivals: list[Quality] = [one for one in (report.popular, report.popular_lately) if one]
    return max(rivals, key=lambda one: one.ndcg.mean).lead if rivals else None


def _write(one: Measure, sign: str = "") -> str:
    return f"{one.mean:{sign}.4f} ({one.low:{sign}.4f} to {one.high:{sign}.4f})"


if __name__ == "__main__":
    main()
