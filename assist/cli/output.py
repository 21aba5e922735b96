"""How commands speak: tables and sentences for people, JSON for scripts, one line for what went wrong."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
from sqlalchemy.exc import OperationalError, ProgrammingError
from tqdm import tqdm

from assist.app import build_desk
from assist.config import load_config
from assist.logs import configure_logs
from assist.services.api_tokens import TokenError
from assist.services.backlog import NotCancelled, UnknownEntry
from assist.services.connect import UnknownConnection
from assist.services.desk import Desk
from assist.services.lease import SyncRunning
from assist.services.releases import ReleaseError
from assist.services.removal import StillWaiting
from assist.services.strangers import UnknownProduct
from assist.services.sync import ShrunkenListingError
from assist.store import schema
from assist.vault import VaultError
from crm_adapters.errors import BadSettings, CRMError
from personas.content import InvalidContent
from recommender.effort import Progress
from recommender.errors import RecommenderError

P = ParamSpec("P")
R = TypeVar("R")

SAID_WELL = (
    BadSettings,
    InvalidContent,
    NotCancelled,
    RecommenderError,
    ReleaseError,
    ShrunkenListingError,
    StillWaiting,
    SyncRunning,
    TokenError,
    UnknownConnection,
    UnknownEntry,
    UnknownProduct,
    VaultError,
)
"""Their messages name what is wrong and what to do."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")


def open_desk() -> Desk:
    """The desk of this process's settings. Fails with a sentence where the database is not set up."""
    config = load_config()
    configure_logs(config.log_format)
    with explained():
        desk = build_desk(config)
        if not schema.is_current(desk.database.engine):
            raise click.ClickException("The database is not up to date; run: assist db upgrade")
    return desk


@contextmanager
def explained() -> Iterator[None]:
    """Turns the errors a person can do something about into one sentence."""
    try:
        yield
    except SAID_WELL as error:
        raise click.ClickException(str(error)) from error
    except CRMError as error:
        raise click.ClickException(f"{type(error).__name__}: {error}") from error
    except OSError as error:
        raise click.ClickException(f"{error.strerror or error}: {error.filename}") from error
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(f"The database does not answer as it should: {error.orig}") from error


def with_errors_explained(function: Callable[P, R]) -> Callable[P, R]:
    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with explained():
            return function(*args, **kwargs)

    return wrapped


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """On a terminal; silent where there is none."""
    with tqdm(total=100, unit="%", disable=None, leave=False) as bar:

        def show(what: str, done: float) -> None:
            bar.set_description(what)
            bar.update(int(done * 100) - bar.n)

        yield show


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    texts = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(header))]
    for row in texts:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be printed as JSON")
