"""The parts of a model fitted on all lines by the cluster, with settings and weights that are known already."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from recommender.als import Als
from recommender.catalogue import Catalogue
from recommender.curated import Curated
from recommender.evidence import trim
from recommender.fitted import Fitted
from recommender.interactions import Interactions
from recommender.itemitem import ItemItem, Together
from recommender.kinds import Kinds
from recommender.parts import Parts
from recommender.rp3beta import Rp3beta
from recommender.sources import Source
from recommender.spark.factors import fit_als
from recommender.spark.habits import measure_habits
from recommender.spark.lines import Lines
from recommender.spark.neighbours import fit_likeness, fit_steps
from recommender.spark.pairs import count_pairs, fit_ladder
from recommender.spark.sales import measure_repeats, measure_trend
from recommender.training import COUNTED_NEIGHBOURS, GOES_WITH_DAYS

JOBS: Mapping[type[Source], Callable[[Lines, Any], Source]] = {
    ItemItem: fit_likeness,
    Together: fit_likeness,
    Rp3beta: fit_steps,
    Als: fit_als,
}
"""Sources that are fitted on the cluster; others are fitted on the sample."""


def refit(learned: Parts, lines: Lines, catalogue: Catalogue, *, sample: Interactions) -> Parts:
    """`training.refit` on the cluster; `sample` is of the lines, with all their products."""
    trend, buyers = measure_trend(lines)
    sources: Any = tuple(_fit(lines, source, sample, catalogue) for source in learned.fitted.sources)
    fitted = Fitted(sources, trend, measure_repeats(lines), learned.fitted.facts)
    near = sum(_pattern(trim(source.similarity, COUNTED_NEIGHBOURS)) for source in fitted.neighbours)
    customers = lines.table.select("customer").distinct().count()
    return replace(
        learned,
        products=lines.products,
        families=catalogue.families(lines.products)[0],
        fitted=fitted,
        kinds=Kinds.of(lines.products, catalogue, lambda label: measure_habits(lines, label)),
        ladder=fit_ladder(lines, catalogue, buyers=buyers, customers=customers),
        goes_with=count_pairs(lines, GOES_WITH_DAYS, wanted=near, buyers=buyers, customers=customers),
        inactive=catalogue.inactive(lines.products),
    )


def _fit(lines: Lines, source: Any, sample: Interactions, catalogue: Catalogue) -> Source:
    if isinstance(source, Curated):
        return type(source)(source.chosen, catalogue).fit(sample)
    job = JOBS.get(type(source))
    fitted: Source = type(source)(source.chosen).fit(sample) if job is None else job(lines, source)
    return fitted


def _pattern(matrix: Any) -> Any:
    """1 where the sparse matrix holds a value."""
    matrix = matrix.copy()
    matrix.data[:] = 1
    return matrix
