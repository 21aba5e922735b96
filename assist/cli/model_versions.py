"""`assist model list|show|compare|promote|rollback`: the versions of the model, and which one serves."""

import json
from collections.abc import Iterable
from datetime import datetime
from functools import wraps
from typing import Any

import click

from assist.cli.model_quality import UNKNOWN, print_side_by_side, print_task, write_count, write_figure
from assist.cli.output import json_option, open_desk, print_json, print_table, with_errors_explained
from assist.services import comparison, versions
from assist.services.comparison import Change, Comparison, Differences
from assist.services.search import Search, Setting
from assist.services.versions import COMMAND, Mover, ProductChange, Spent, Version, VersionError

why_option = click.option("--why", default="", help="A word for those who read the record.")


def _explained(function: Any) -> Any:
    """`with_errors_explained`, and what is wrong with a version."""

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except VersionError as error:
            raise click.ClickException(str(error)) from error

    return with_errors_explained(wrapped)


@click.command("list")
@json_option
@_explained
def list_command(as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """The versions trained so far, the latest first."""
    with open_desk().database.reading() as session:
        found = versions.list_all(session)
    if as_json:
        return print_json(found)
    rows = [(one.version, _state(one), one.verdict.sentence) for one in found]
    print_table(("version", "state", "verdict"), rows)
    return None


@click.command("show")
@click.argument("version", required=False)
@json_option
@_explained
def show_command(version: str | None, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """What VERSION, or the serving one, learned from, chose, and is worth."""
    with open_desk().database.reading() as session:
        found = versions.find(session, version) if version else versions.find_serving(session)
    if found is None:
        raise click.ClickException("No model serves; train one with: assist model train")
    if as_json:
        return print_json(found)
    return _print_version(found)


@click.command("compare")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--measure", is_flag=True, help="Fit both on the past and compare them anew: minutes.")
@json_option
@_explained
def compare_command(before: str, after: str, measure: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """What is different in B, held against A."""
    found = comparison.compare(open_desk(), before, after, measure=measure)
    if as_json:
        return print_json(found)
    return _print_comparison(found)


@click.command("promote")
@click.argument("version")
@why_option
@_explained
def promote_command(version: str, why: str) -> None:
    """Let VERSION serve: an earlier one, or one that was kept back. Running servers follow in seconds."""
    versions.promote(open_desk(), version, Mover(COMMAND, why))
    click.echo(f"{version} serves.")


@click.command("rollback")
@click.option("--to", metavar="VERSION", help="One that served; else the one trained before the serving one.")
@why_option
@_explained
def rollback_command(to: str | None, why: str) -> None:
    """Go back to a model that served before. Nothing is fitted or deleted; running servers follow in seconds."""
    target = versions.rollback(open_desk(), Mover(COMMAND, why), to=to)
    click.echo(f"{target} serves again.")


COMMANDS = (list_command, show_command, compare_command, promote_command, rollback_command)


def _print_version(found: Version) -> None:
    click.echo(f"{found.version}  {_state(found)}, trained {_moment(found.trained_at)}")
    seen = (found.lines, "lines"), (found.customers, "customers"), (found.products, "products")
    click.echo(f"Learned from  {', '.join(f'{write_count(count)} {what}' for count, what in seen)}")
    click.echo(f"Training      {tell_cost(found.cost)}")
    click.echo(f"Verdict       {found.verdict.sentence}")
    for one in found.promotions:
        word = "rolled back to" if one.event == "model.rolled_back" else "promoted"
        why = f": {one.why}" if one.why and one.why != found.verdict.sentence else ""
        click.echo(f"              {_moment(one.at)} {word} by {one.person or one.by}{why}")
    _print_lines("Notes", found.notes)
    _print_differences(found.verdict.differences, f"Against {found.verdict.against}, on the same cases")
    for task in found.quality:
        print_task(task)
    if not found.quality:
        click.echo("\nQuality: not measured")
    _print_search(found.search)


def _print_comparison(found: Comparison) -> None:
    click.echo(f"{found.before.version} → {found.after.version}")
    if found.differences:
        _print_differences(found.differences, "NDCG@10 on the same cases")
    else:
        click.echo("\nNever compared on the same cases; to do so, add --measure")
    print_side_by_side(found.before, found.after)
    for title, changes in (("Settings", found.settings), ("Methods", found.methods)):
        _print_lines(title, map(_say, changes))
    _print_lines("New notes", found.notes_new)
    _print_lines("Notes that are gone", found.notes_gone)
    _print_products("Products new", found.new)
    _print_products("Products gone", found.gone)


def _print_differences(differences: Differences, title: str) -> None:
    if differences:
        click.echo(f"\n{title}")
        rows = [
            (task, write_figure(one, "+"), write_count(cases)) for task, (one, cases) in differences.items()
        ]
        print_table(("task", "difference (95 %)", "cases"), rows)


def _print_search(found: Search) -> None:
    lines, windows = (
        f"{write_count(count)} of {write_count(whole)}"
        for count, whole in ((found.lines, found.of_lines), (found.windows, found.of_windows))
    )
    known = UNKNOWN if found.lines is None else "none"
    budget = known if found.budget is None else f"{found.budget:g} s"
    click.echo(f"\nLooked back on {lines} lines in {windows} past windows; time budget: {budget}")
    _print_lines("Chosen settings", map(_tell_setting, found.settings))
    tried = (f"{one.name} {write_count(one.tried)} of {write_count(one.of)}" for one in found.tried)
    _print_lines("Combinations tried", tried)


def _tell_setting(one: Setting) -> str:
    chosen = json.dumps(one.chosen) if one.used else "not used"
    among = f" (of {', '.join(map(json.dumps, one.among))})" if one.among else ""
    return f"{one.name}: {chosen}{among}"


def _print_lines(title: str, lines: Iterable[str]) -> None:
    lines = list(lines)
    if lines:
        click.echo(f"\n{title}")
        for line in lines:
            click.echo(f"· {line}")


def _print_products(title: str, found: ProductChange | None) -> None:
    if found is None or found.count:
        some = ", ".join(found.some) if found else ""
        more = ", …" if found and found.count > len(found.some) else ""
        click.echo(
            f"\n{title}: {write_count(found.count if found else None)}{': ' if some else ''}{some}{more}"
        )


def _say(change: Change) -> str:
    return f"{change.name}: {json.dumps(change.before)} → {json.dumps(change.after)}"


def _state(one: Version) -> str:
    if one.serving:
        return "serves"
    return "kept back" if one.kept_back else "served before"


def tell_cost(cost: Spent) -> str:
    cpu, wall = (
        UNKNOWN if value is None else f"{value:,.1f} s" for value in (cost.cpu_seconds, cost.wall_seconds)
    )
    memory = UNKNOWN if cost.peak_memory is None else f"{cost.peak_memory / 2**20:,.0f} MiB"
    return f"CPU {cpu}, wall {wall}, memory at most {memory}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
