"""Server time of the card, of the suggestions and of the live refresh, while the CRM is well and while it fails, in
turns in one run. The CRM is a vendor's fake over loopback, in a process of its own.

    python -m benchmarks.outage
"""

import argparse
import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from sqlalchemy import insert, select
from werkzeug.test import EnvironBuilder

from assist.app import build_desk, create_app
from assist.cli.serve import warm_up
from assist.logs import configure_logs
from assist.models.mirror import Customer
from assist.models.training import ModelVersion
from assist.services.connect import add_connection
from assist.services.desk import Desk
from assist.services.live import LiveCRM
from assist.services.sync import sync
from assist.store import schema
from assist.web import tokens
from benchmarks.catalogue import Goods
from benchmarks.cost import percentile
from benchmarks.model import train
from benchmarks.serving import Environ, config_of, send
from benchmarks.shop import add_agent, email
from benchmarks.weather import WEATHERS, Crm, open_crm

SEED = 20_261
VERSION = "benchmark"
TRAINING = 10.0
"""Seconds for looking back: how well the model answers makes no difference here."""
WARMING = 20
"""Visits before those that count."""
WANTED = 1.5
"""Of what it takes while the CRM is well, at most; for the card and the suggestions."""


@dataclass(frozen=True, slots=True)
class Options:
    vendor: str
    customers: int
    products: int
    model_lines: int
    visits: int


@dataclass(frozen=True, slots=True)
class Visit:
    """Seconds by the wall's clock."""

    card: float
    suggestions: float
    refresh: float
    """Begun with the suggestions, as the page does."""


class Office:
    """The application in one weather: each has a circuit breaker of its own, as if it always were so."""

    def __init__(self, desk: Desk) -> None:
        self._app: Flask = create_app(desk.config, desk=replace(desk, live=LiveCRM()))
        life = timedelta(days=1)
        bearer = tokens.Bearer(user_id=1, session_id=1)
        self._token = tokens.issue(desk.secret_key, bearer, now=desk.clock.now(), life=life)
        self._page = ThreadPoolExecutor(1)
        warm_up(self._app)

    def visit(self, number: int, *, context: str) -> Visit:
        card, found = self._ask("card", {"context": context, "email": email(number)})
        wanted = {"context": context, "customer": found["customer"]}
        refresh = self._page.submit(self._ask, "refresh", wanted)
        suggestions, _ = self._ask("suggestions", wanted)
        return Visit(card, suggestions, refresh.result()[0])

    def _ask(self, page: str, body: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        cost, answer = send(self._app, self._environ(page, body))
        return cost.wall, answer

    def _environ(self, page: str, body: dict[str, Any]) -> Environ:
        headers = [("Authorization", f"Bearer {self._token}"), ("Accept-Language", "es")]
        return EnvironBuilder(f"/sidebar/{page}", method="POST", json=body, headers=headers).get_environ()


def main() -> None:
    options = _read_options()
    goods = Goods.make(options.products, seed=SEED)
    with (
        TemporaryDirectory() as folder,
        open_crm(options.vendor, goods, customers=options.customers, seed=SEED) as crm,
        _open_desk(Path(folder), goods, options, crm) as desk,
    ):
        visits = _measure(desk, crm, options)
    print(f"{options.vendor}, {options.customers:,} customers, {options.visits:,} visits in each weather")
    for weather, found in visits.items():
        _report(weather, found, healthy=visits["healthy"])


def _read_options() -> Options:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--vendor", default="hubspot", help="whose fake is the CRM")
    parser.add_argument("--customers", type=int, default=500)
    parser.add_argument("--products", type=int, default=1_000)
    parser.add_argument("--model-lines", type=int, default=20_000, help="that the model is trained on")
    parser.add_argument("--visits", type=int, default=400, help="customers looked at in each weather")
    return Options(**vars(parser.parse_args()))


@contextmanager
def _open_desk(folder: Path, goods: Goods, options: Options, crm: Crm) -> Iterator[Desk]:
    """With everything the CRM holds, and a model."""
    config = replace(config_of(folder), crm_private_hosts=frozenset({"127.0.0.1"}))
    configure_logs("json", stream=(folder / "log.jsonl").open("w"))
    desk = build_desk(config)
    schema.upgrade(desk.database.engine)
    print("Reading the CRM and training a model …", flush=True)
    add_connection(desk, "crm", adapter=options.vendor, settings=crm.settings)
    sync(desk, "crm")
    directory = config.models_dir / VERSION
    size = {"lines": options.model_lines, "customers": options.customers}
    train(goods, **size, seed=SEED, directory=directory, budget=TRAINING)
    now = desk.clock.now()
    version = {"version": VERSION, "trained_at": now, "promoted_at": now, "verdict": "-"}
    with desk.database.engine.begin() as database:
        add_agent(database)
        database.execute(insert(ModelVersion), version)
    yield desk
    desk.database.engine.dispose()


def _measure(desk: Desk, crm: Crm, options: Options) -> dict[str, list[Visit]]:
    """Each customer in every weather, one after the other: what else the machine does falls on all alike."""
    offices = {weather: Office(desk) for weather in WEATHERS}
    visits: dict[str, list[Visit]] = {weather: [] for weather in WEATHERS}
    chance = random.Random(SEED)
    for turn, number in enumerate(chance.choices(_list_numbers(desk), k=WARMING + options.visits)):
        for weather in chance.sample([*WEATHERS], len(WEATHERS)):
            _change_weather(desk, crm, weather)
            found = offices[weather].visit(number, context=f"{turn}-{weather}")
            if turn >= WARMING:
                visits[weather].append(found)
    return visits


def _list_numbers(desk: Desk) -> list[int]:
    with desk.database.reading() as session:
        names = session.scalars(select(Customer.name).order_by(Customer.id)).all()
    return [int(name.rpartition(" ")[2]) for name in names]


def _change_weather(desk: Desk, crm: Crm, weather: str) -> None:
    """What one weather taught about the CRM's quotas is no news in the next."""
    crm.become(weather)
    rmtree(desk.config.data_dir / "calls", ignore_errors=True)


def _report(weather: str, visits: Sequence[Visit], *, healthy: Sequence[Visit]) -> None:
    print(f"\n{weather:12} {'p50, ms':>9} {'p95, ms':>9} {'most, ms':>9}   {'÷ healthy':>9} {'at p95':>7}")
    base = _columns(healthy)
    for part, seconds in _columns(visits).items():
        p50, p95, most = (1000 * percentile(seconds, share) for share in (50, 95, 100))
        ratios = [percentile(seconds, share) / percentile(base[part], share) for share in (50, 95)]
        wanted = "" if part == "refresh" else f"  (wanted: at most {WANTED})"
        row = f"{part:12} {p50:9.1f} {p95:9.1f} {most:9.1f}   {ratios[0]:9.2f} {ratios[1]:7.2f}{wanted}"
        print(row)


def _columns(visits: Sequence[Visit]) -> Mapping[str, list[float]]:
    return {
        "card": [visit.card for visit in visits],
        "suggestions": [visit.suggestions for visit in visits],
        "refresh": [visit.refresh for visit in visits],
    }


if __name__ == "__main__":
    main()
