"""What a comparison came to, as tables in Markdown."""

from collections.abc import Iterable, Sequence

from benchmarks.comparison import Standing
from benchmarks.cost import Cost, percentile
from recommender.interactions import Floats
from recommender.measures import bootstrap

WARM = 20
"""The first answers of a process load what the others find loaded."""


def tell_quality(standings: Sequence[Standing]) -> Iterable[str]:
    yield "| | NDCG@10 (95 %) | recall@10 | hit@10 | NDCG less ours (95 %) |"
    yield "|---|---|---|---|---|"
    ours = next((one.quality for one in standings if one.quality), None)
    for one in standings:
        if one.quality is None or ours is None:
            yield f"| {one.name} | not installed ({one.missing}): pip install --group benchmarks | | | |"
            continue
        found = (one.quality.ndcg, one.quality.recall, one.quality.hit)
        apart = one.quality.ndcg - ours.ndcg
        cells = [*map(_interval, found), _interval(apart, sign="+") if apart.any() else ""]
        yield f"| {one.name} | {' | '.join(cells)} |"


def tell_costs(standings: Sequence[Standing]) -> Iterable[str]:
    yield "| | fit, s | tuning, s | peak memory, MB | answer, ms, p50 | p95 |"
    yield "|---|---|---|---|---|---|"
    for one in standings:
        if not one.missing:
            answers = one.answers[WARM:] or one.answers
            cells = (
                _seconds(one.fit),
                _seconds(one.tuning),
                f"{one.megabytes:,}",
                *(_milliseconds(answers, share) for share in (50, 95)),
            )
            yield f"| {one.name} | {' | '.join(cells)} |"


def tell_settings(standings: Sequence[Standing]) -> Iterable[str]:
    for one in standings:
        if one.settings is not None:
            chosen = ", ".join(f"{name} {value}" for name, value in one.settings.items())
            yield f"- {one.name} ({one.version}): {chosen or 'as the library has it'}"


def _interval(values: Floats, sign: str = "") -> str:
    found = bootstrap(values)
    return f"{found.mean:{sign}.4f} ({found.low:{sign}.4f} to {found.high:{sign}.4f})"


def _seconds(cost: Cost | None) -> str:
    return "" if cost is None else f"{cost.cpu:.1f} ({cost.wall:.1f})"


def _milliseconds(answers: Sequence[Cost], share: int) -> str:
    cpu, wall = (
        percentile(found, share) for found in zip(*((one.cpu, one.wall) for one in answers), strict=True)
    )
    return f"{1000 * cpu:.2f} ({1000 * wall:.2f})"
