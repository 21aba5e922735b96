"""What models are worth, as text: every figure with its interval, and what is unknown as unknown."""

from collections.abc import Iterator, Sequence

import click

from assist.cli.output import print_table
from assist.services.quality import MEASURES, Figure, Method, PastWindow, Segment, TaskQuality
from assist.services.versions import Version

UNKNOWN = "unknown"


def print_task(task: TaskQuality) -> None:
    customers = "" if task.customers is None else f" of {write_count(task.customers)} customers"
    click.echo(f"\n{task.task}: {write_count(task.cases)} cases{customers}, {_covered(task)}")
    click.echo(f"  past windows: {', '.join(map(_window, task.windows)) or UNKNOWN}")
    if not task.methods:
        click.echo("  not measured: too few cases")
        return
    _print_measures(task)
    _print_methods(task)
    if task.segments:
        rows = [(f"  {one.name}", _segment(one), write_count(one.cases)) for one in task.segments]
        print_table(("  days bought on before", "NDCG@10 (95 %)", "cases"), rows)


def _print_measures(task: TaskQuality) -> None:
    ours, rival = task.chosen, task.rival
    if ours is None:
        return
    against = (rival.name, f"{ours.name} less it") if rival else ()
    rows = [(f"  {what}", *_across(ours, rival, what)) for what in MEASURES if what in ours.figures]
    print_table(("  (95 %)", ours.name, *against), rows)


def _across(ours: Method, rival: Method | None, what: str) -> Iterator[str]:
    yield write_figure(ours.figures.get(what))
    if rival:
        yield write_figure(rival.figures.get(what))
        yield write_figure(rival.lead.get(what), "+")


def _print_methods(task: TaskQuality) -> None:
    rows = [
        (f"{'*' if one.chosen else ' '} {one.name}", write_figure(one.ndcg), _lead(one)) for one in task.main
    ]
    print_table(("  method (* answers)", "NDCG@10 (95 %)", "* less it (95 %)"), rows)
    if len(task.methods) > len(rows):
        click.echo(f"  and {len(task.methods) - len(rows)} more: --json")


def print_side_by_side(before: Version, after: Version) -> None:
    """Each on its own past windows, so not a difference."""
    pairs = [{one.task: one for one in version.quality} for version in (before, after)]
    rows = [
        row
        for task in dict.fromkeys((*pairs[0], *pairs[1]))
        for row in _compare(task, [one.get(task) for one in pairs])
    ]
    if rows:
        click.echo("\nWhen trained, each on its own past windows (95 %)")
        print_table(("task", "", "A", "B"), rows)


def _compare(task: str, both: Sequence[TaskQuality | None]) -> Iterator[tuple[str, ...]]:
    chosen = [one.chosen if one else None for one in both]
    for what in MEASURES:
        figures = [one.figures.get(what) if one else None for one in chosen]
        if any(figures):
            yield task, what, *map(write_figure, figures)
    yield task, "coverage", *(_share(one.coverage if one else None) for one in both)


def _covered(task: TaskQuality) -> str:
    products = "" if task.products is None else f" of {write_count(task.products)} products"
    return f"coverage {_share(task.coverage)}{products}"


def _window(one: PastWindow) -> str:
    days = UNKNOWN if one.days is None else str(one.days)
    return f"{one.start or UNKNOWN} {days} days ({write_count(one.cases)} cases)"


def _lead(one: Method) -> str:
    return "" if one.chosen else write_figure(one.lead.get(MEASURES[0]), "+")


def _segment(one: Segment) -> str:
    return write_figure(one.ndcg) if one.ndcg or one.cases is None else "too few"


def write_figure(one: Figure | None, sign: str = "") -> str:
    if one is None:
        return UNKNOWN
    ends = ["?" if end is None else f"{end:{sign}.4f}" for end in (one.low, one.high)]
    return f"{one.mean:{sign}.4f} ({ends[0]} to {ends[1]})"


def _share(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.0%}"


def write_count(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"
