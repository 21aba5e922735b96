"""`assist model train --engine spark`: learn on a sample of customers, fit on everything, compare on the sample."""

from dataclasses import replace
from datetime import timedelta

from recommender.budget import Budget
from recommender.catalogue import Catalogue
from recommender.effort import Progress, keep_quiet, within
from recommender.evaluate import FEW_DAYS, GATE_WINDOWS, Verdict, compare, judge
from recommender.interactions import Interactions
from recommender.model import SalesModel
from recommender.settings import LINKED
from recommender.spark.fitting import JOBS, refit
from recommender.spark.lines import Lines
from recommender.tuning import MOST_LINES
from recommender.windows import past_windows

SAMPLED = MOST_LINES


def train(
    lines: Lines,
    catalogue: Catalogue,
    *,
    seed: int = 0,
    progress: Progress = keep_quiet,
    budget: Budget | timedelta | float | None = None,
    sampled: int = SAMPLED,
) -> SalesModel:
    """`budget`: as `SalesModel.train` has it, for what is learned on the sample.
    Raises TooLittleDataError where there is no purchase at all."""
    sample = lines.sample(sampled)
    told = within(progress, 0.0, 0.5)
    learned = SalesModel.train(sample, catalogue, seed=seed, progress=told, budget=budget)
    progress("fitting on everything", 0.5)
    model = refit_model(learned, lines, catalogue, sample=sample)
    progress("done", 1.0)
    engine = {"name": "spark", "lines": len(lines), "sampled": len(sample)}
    looked = {**learned.report["looked_back"], "of_lines": len(lines)}
    seen = {"customers": lines.population, "engine": engine, "looked_back": looked}
    report = {**learned.report, **seen}
    return replace(model, notes=_note(learned, lines, len(sample)), report=report)


def refit_model(model: SalesModel, lines: Lines, catalogue: Catalogue, *, sample: Interactions) -> SalesModel:
    """`SalesModel.refit` on the cluster."""
    return replace(model, parts=refit(model.parts, lines, catalogue, sample=sample), end=lines.end)


def challenge(
    serving: SalesModel,
    fresh: SalesModel,
    lines: Lines,
    catalogue: Catalogue,
    *,
    progress: Progress = keep_quiet,
    sampled: int = SAMPLED,
) -> Verdict:
    """`evaluate.challenge` with both models fitted anew on all lines before each window, and compared on what the
    sampled customers bought in it."""
    windows = [one for one in past_windows(lines.sample(sampled), GATE_WINDOWS) if len(one.before)]
    if not windows:
        return FEW_DAYS
    found = []
    for place, window in enumerate(windows):
        progress("comparing with the serving model", place / len(windows))
        before = lines.before(window.cut)
        refitted = [refit_model(one, before, catalogue, sample=window.before) for one in (serving, fresh)]
        found.append(compare(refitted[0], refitted[1], window))
    return judge(found)


def _note(learned: SalesModel, lines: Lines, sampled: int) -> tuple[str, ...]:
    if sampled == len(lines):
        return learned.notes
    names = [source.name for source in learned.parts.fitted.sources if type(source) not in JOBS]
    kept = [name for name in names if name not in LINKED]
    notes = [f"Settings and weights were learned on {sampled:,} of {len(lines):,} lines."]
    if kept:
        notes.append(f"Fitted on that sample too, for want of a job of their own: {', '.join(kept)}.")
    return (*learned.notes, *notes)
