"""How a request reaches the parts that `create_app` put together."""

from typing import Protocol, cast

from flask import current_app

from assist.services.crowd import Crowd, CrowdShelf
from assist.services.desk import Desk

DESK, JOBS, CROWD = "assist.desk", "assist.jobs", "assist.crowd"


class Jobs(Protocol):
    """Work that a page asks for and does not wait for."""

    def sync(self, name: str, kind: str | None = None) -> object: ...

    def train(self) -> object: ...

    def simulate(self, digest: str, actor_id: int) -> object: ...


def current_desk() -> Desk:
    return cast(Desk, current_app.extensions[DESK])


def current_jobs() -> Jobs:
    return cast(Jobs, current_app.extensions[JOBS])


def current_crowd() -> Crowd:
    shelf = cast(CrowdShelf, current_app.extensions[CROWD])
    return shelf.current(current_desk())
