"""One shop served in this process, and what its requests cost."""

import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify
from sqlalchemy import select
from werkzeug.test import EnvironBuilder

from assist.app import build_desk, create_app
from assist.cli.serve import warm_up
from assist.config import Config
from assist.logs import configure_logs
from assist.models.mirror import Customer
from assist.services.candidates import owned
from assist.services.desk import Desk
from assist.services.facts import open_dossier
from assist.store.customers import find_customer
from assist.web import tokens
from benchmarks.cost import Cost, spend
from benchmarks.shop import email
from recommender.base import Query
from recommender.model import SalesModel

Environ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Visit:
    """One customer looked at: the same machine did all four within some hundredths of a second."""

    bare: Cost
    card: Cost
    suggestions: Cost
    raw: Cost
    shown: int
    """Suggestions in the answer."""


def config_of(folder: Path) -> Config:
    return Config(
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'assist.sqlite'}",
        jobs_url=f"sqlite:///{folder / 'jobs.sqlite'}",
        public_url="http://127.0.0.1:8000",
        log_format="json",
    )


class Served:
    def __init__(self, folder: Path) -> None:
        configure_logs("json", stream=(folder / "log.jsonl").open("w"))
        config = config_of(folder)
        self.desk = build_desk(config)
        self.app = create_app(config, desk=self.desk)
        self.bare = _bare_app(self.desk)
        self.model = _model(self.desk)
        bearer = tokens.Bearer(user_id=1, session_id=1)
        now = self.desk.clock.now()
        self.chance = random.Random(0)
        self.token = tokens.issue(self.desk.secret_key, bearer, now=now, life=timedelta(days=1))
        warm_up(self.app)

    def visit(self, number: int, *, context: str) -> Visit:
        look_up = {"context": context, "email": email(number)}
        bare, _ = send(self.bare, EnvironBuilder(f"/customers/{number}").get_environ())
        card, found = send(self.app, self._environ("card", look_up))
        assert found["customer"] == number, found["state"]
        wanted = {"context": context, "customer": number}
        # Whichever comes second finds the rows of this customer's purchases in the processor's caches.
        raw = self._ask(number) if self.chance.random() < 0.5 else None
        suggestions, answer = send(self.app, self._environ("suggestions", wanted))
        return Visit(bare, card, suggestions, raw or self._ask(number), len(answer["suggestions"]))

    def _environ(self, page: str, body: dict[str, Any]) -> Environ:
        headers = [("Authorization", f"Bearer {self.token}"), ("Accept-Language", "es")]
        return EnvironBuilder(f"/sidebar/{page}", method="POST", json=body, headers=headers).get_environ()

    def _ask(self, number: int) -> Cost:
        now = self.desk.clock.now()
        with self.desk.database.reading() as session:
            customer = find_customer(session, number)
            assert customer is not None
            query = Query(history=owned(open_dossier(session, customer, now)), now=now)
        return spend(lambda: self.model.raw_scores(query))


def _model(desk: Desk) -> SalesModel:
    serving = desk.models.current()
    if serving is None:
        raise SystemExit("The model could not be read; give another --data folder.")
    return serving.model


def _bare_app(desk: Desk) -> Flask:
    """What the card is measured against."""
    app = Flask("bare")

    @app.get("/customers/<int:number>")
    def show(number: int) -> Response:
        with desk.database.reading() as session:
            row = session.execute(select(Customer.id, Customer.name).where(Customer.id == number)).one()
        return jsonify(id=row.id, name=row.name)

    return app


def send(app: Flask, environ: Environ) -> tuple[Cost, dict[str, Any]]:
    """From the WSGI call to the last byte; what a server and a client would add is left out on all sides."""
    body = io.BytesIO(environ["wsgi.input"].read())
    environ["wsgi.input"] = body
    said: list[str] = []
    parts: list[bytes] = []

    def start(status: str, _headers: object, _error: object = None) -> Callable[[bytes], object]:
        said.append(status)
        return parts.append

    cost = spend(lambda: parts.extend(app(environ, start)))
    assert said[0].startswith("200"), said[0]
    return cost, json.loads(b"".join(parts))


_served: Served | None = None


def open_shop(folder: Path) -> None:
    """In a process of its own: then it serves nothing else."""
    global _served  # noqa: PLW0603 - a worker process has one shop, from its start to its end
    _served = Served(folder)


def visit_all(numbers: Sequence[int], tag: str) -> list[Visit]:
    assert _served is not None
    return [_served.visit(number, context=f"{tag}-{place}") for place, number in enumerate(numbers)]
