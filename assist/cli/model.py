"""`assist model`: training, judging and using the recommender."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from assist.cli import families, model_versions
from assist.cli.duration import Duration
from assist.cli.engine import choose_engine, engine_options
from assist.cli.output import (
    json_option,
    open_desk,
    print_json,
    print_table,
    progress_bar,
    with_errors_explained,
)
from assist.services.desk import Desk
from assist.services.training import Trained, train
from assist.services.versions import read_cost
from recommender.base import Task
from recommender.batch import Wanted, evaluate_purchases, recommend_purchases
from recommender.evaluate import Quality, Report

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
LEAD = "model's NDCG less it"
TASKS = click.Choice(list(Task), case_sensitive=False)

purchases_option = click.option(
    "--purchases",
    type=FILE,
    required=True,
    help="CSV(.gz): customer_id, order_id, ts, product_id, quantity, unit_price; others ignored.",
)
products_option = click.option(
    "--products", type=FILE, help="CSV(.gz): product_id; product_name, list_price, family, category if known."
)
k_option = click.option("-k", "--k", default=10, show_default=True, help="Suggestions per customer.")


@click.group("model")
def command() -> None:
    """Train the recommender, measure it, use it on files."""


for one in (*model_versions.COMMANDS, families.command):
    command.add_command(one)


@command.command("train")
@engine_options
@click.option("--budget", type=Duration(), help="Choose settings for at most so long, as 90s, 10m or 2h.")
@json_option
@with_errors_explained
def train_command(budget: float | None, as_json: bool, **engine: Any) -> None:  # noqa: FBT001 - click passes options by name
    """Train on all purchases in the mirror, or with an engine for more on --lines; the new model serves unless
    it is worse."""
    run = choose_engine(**engine)
    trained = train_with_bar(open_desk(), partial(run, budget=budget))
    if as_json:
        return print_json(trained)
    click.echo(trained.verdict)
    for note in trained.notes:
        click.echo(f"· {note}")
    click.echo(f"Training took: {model_versions.tell_cost(read_cost(trained.figures))}")
    return None


def train_with_bar(desk: Desk, run: Callable[..., Trained] = train) -> Trained:
    with progress_bar() as progress:
        return run(desk, progress=progress)


@command.command()
@purchases_option
@products_option
@click.option("--task", type=TASKS, required=True)
@click.option("--test-days", default=42, show_default=True, help="The last days of the file are the test.")
@k_option
@json_option
@with_errors_explained
def evaluate(
    purchases: Path,
    products: Path | None,
    task: str,
    test_days: int,
    k: int,
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Train on all but the last days of a file, and measure on them against popularity."""
    report = evaluate_purchases(purchases, products, Task(task), test_days=test_days, k=k)
    if as_json:
        print_json(report.document())
    else:
        _print_report(report)


def _print_report(report: Report) -> None:
    click.echo(f"{report.task}, last {report.test_days} days, {report.cases:,} cases, top {report.k}")
    rivals = {"model": report.model, "popular": report.popular, "popular lately": report.popular_lately}
    columns = {name: _write(quality, report.k) for name, quality in rivals.items() if quality}
    if columns:
        whats = columns["model"]
        rows = [(what, *(column.get(what, "") for column in columns.values())) for what in (*whats, LEAD)]
        print_table(("(95 %)", *columns), rows)
    for note in report.notes:
        click.echo(f"· {note}")


def _write(quality: Quality, k: int) -> dict[str, str]:
    measures = {
        f"NDCG@{k}": quality.ndcg,
        f"recall@{k}": quality.recall,
        f"hit@{k}": quality.hit,
        "hit@3": quality.hit_three,
        "hit@1": quality.hit_first,
    }
    told = {what: f"{one.mean:.4f} ({one.low:.4f} to {one.high:.4f})" for what, one in measures.items()}
    lead = quality.lead
    return told | ({LEAD: f"{lead.mean:+.4f} ({lead.low:+.4f} to {lead.high:+.4f})"} if lead else {})


@command.command()
@purchases_option
@products_option
@click.option("--kind", type=TASKS, required=True)
@click.option("--customers", type=FILE, help="CSV with customer_id: only these; all of the purchases else.")
@click.option("--pairs", type=FILE, help="For upsell, CSV with customer_id, anchor_id: steps up from these.")
@k_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@with_errors_explained
def recommend(
    purchases: Path, products: Path | None, kind: str, out: Path, k: int, **wanted: Path | None
) -> None:
    """Train on a purchases file, then write customer_id, product_id, rank, score for its customers."""
    asked = Wanted(customers=wanted["customers"], pairs=wanted["pairs"])
    written = recommend_purchases(purchases, products, Task(kind), out=out, wanted=asked, k=k)
    click.echo(f"Wrote {out}: {written.rows:,} suggestions for {written.customers:,} customers.", err=True)
    if written.without_list:
        click.echo(f"Nothing to say about {written.without_list:,} of them.", err=True)
    for note in written.notes:
        click.echo(f"· {note}", err=True)
