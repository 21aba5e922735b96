"""The command line of the recommender's benchmark."""

import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from benchmarks import large, standings
from benchmarks.catalogue import Goods
from benchmarks.comparison import Comparison
from benchmarks.synthetic import make_interactions
from recommender.interactions import Interactions
from recommender.purchases import read_purchases

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


SMALL, LARGE = (5_000, 2_000, 150_000), (200_000, 50_000, 10_000_000)
SEED = 20_264


@click.command(epilog="One of --purchases, --synthetic and --large; nothing is kept without --folder.")
@click.option("--purchases", type=FILE, help="CSV(.gz), as `assist model evaluate` reads it.")
@click.option("--products", type=FILE, help="What is known of the products, CSV(.gz).")
@click.option("--test-days", default=42, show_default=True, help="The last days are the test.")
@click.option("--synthetic", "how", flag_value="synthetic", help="Compare on made-up purchases.")
@click.option("--large", "how", flag_value="large", help="The final fit and answers on ten million lines.")
@click.option("--size", nargs=3, type=int, help="Customers, products, lines of what is made up.")
@click.option("--competitors-python", default=sys.executable, help="A Python that has the other libraries.")
@click.option("--folder", type=click.Path(path_type=Path), help="For the files that are exchanged.")
def main(
    purchases: Path | None,
    products: Path | None,
    how: str | None,
    size: tuple[int, int, int] | None,
    folder: Path | None,
    **options: Any,
) -> None:
    """Beside implicit, LensKit and Cornac on one split in time: what training costs, how soon an answer is there,
    and how good it is."""
    with TemporaryDirectory() as temporary:
        place = folder or Path(temporary)
        if how == "large":
            _print(large.tell(large.measure(place, large.Size(*(size or LARGE)))))
        elif how == "synthetic":
            _compare(place, _make(*(size or SMALL)), None, **options)
        elif purchases is not None:
            _compare(place, read_purchases(purchases), products, **options)
        else:
            raise click.UsageError("Name --purchases FILE, or say --synthetic or --large.")


def _make(customers: int, products: int, lines: int) -> Interactions:
    return make_interactions(Goods.make(products, seed=SEED), customers=customers, lines=lines, seed=SEED)


def _compare(
    folder: Path, data: Interactions, products: Path | None, *, test_days: int, competitors_python: str
) -> None:
    comparison = Comparison(folder, data, products=products, days=test_days, python=competitors_python)
    found = []
    print(f"{len(comparison.now.window.before):,} lines, {len(comparison.now.cases):,} cases", flush=True)
    for standing in comparison.run():
        print(f"  {standing.name}: {standing.missing or 'done'}", file=sys.stderr, flush=True)
        found.append(standing)
    for table in (standings.tell_quality, standings.tell_costs, standings.tell_settings):
        _print(table(found))


def _print(lines: Iterable[str]) -> None:
    print("\n" + "\n".join(lines), flush=True)
