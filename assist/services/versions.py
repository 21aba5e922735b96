"""The versions of the model: what each is, which one serves, and moving that pointer forth and back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from assist.models.account import AuditEntry
from assist.models.training import ModelVersion
from assist.services import audit
from assist.services.audit import Entry, Origin
from assist.services.desk import Desk
from assist.services.quality import Figure, TaskQuality, as_count, as_number, read_differences, read_quality
from assist.services.search import Search, read_search
from assist.store.training import find_serving_versions, list_promotions, list_versions
from recommender.errors import ArtifactError
from recommender.model import SalesModel

TRAINING, COMMAND, CONSOLE = "training", "command", "console"
"""What moved the pointer."""
SOME = 20
"""Products named of those that are new or gone; all are counted."""


class VersionError(Exception):
    """What was asked of a version cannot be done; the message says why and what to do."""


class UnknownVersion(VersionError):  # noqa: N818 - named for what it says
    """No model has this version."""


class UnreadableVersion(VersionError):  # noqa: N818 - named for what it says
    """Its artifact is missing, altered or of another format."""


class NoRollback(VersionError):  # noqa: N818 - named for what it says
    """There is nothing to go back to, or it is not a step back."""


@dataclass(frozen=True, slots=True)
class Promotion:
    at: datetime
    event: str
    """`model.promoted` or `model.rolled_back`."""
    by: str
    """`training`, `command` or `console`."""
    person: str | None
    """None where nobody was signed in."""
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    sentence: str
    cause: str
    """As `recommender.evaluate.Verdict`, and `first`, `unreadable`, `fewer_lines`; "" where an older release judged."""
    against: str | None
    differences: Mapping[str, tuple[Figure, int | None]]
    """Per task, the new one's NDCG@10 less that of `against`, with the cases."""


@dataclass(frozen=True, slots=True)
class Spent:
    cpu_seconds: float | None
    wall_seconds: float | None
    peak_memory: int | None
    """Bytes."""


@dataclass(frozen=True, slots=True)
class ProductChange:
    count: int
    some: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """Whatever is None was not recorded."""

    version: str
    trained_at: datetime
    promoted_at: datetime | None
    serving: bool
    verdict: Verdict
    lines: int | None
    customers: int | None
    products: int | None
    new: ProductChange | None
    """Products that the version it was held against did not know."""
    gone: ProductChange | None
    notes: tuple[str, ...]
    settings: Mapping[str, Any]
    search: Search
    quality: tuple[TaskQuality, ...]
    cost: Spent
    promotions: tuple[Promotion, ...] = ()

    @property
    def kept_back(self) -> bool:
        return self.promoted_at is None


@dataclass(frozen=True, slots=True)
class Mover:
    """Who moves the pointer, and why."""

    by: str
    why: str = ""
    actor_id: int | None = None
    origin: Origin | None = None


def find_serving(session: Session) -> Version | None:
    serving = find_pointer(session)
    return find(session, serving) if serving else None


def find(session: Session, version: str) -> Version:
    """Raises UnknownVersion."""
    found = _read(_get(session, version), find_pointer(session))
    return replace(found, promotions=tuple(_promotion(*one) for one in list_promotions(session, version)))


def list_all(session: Session) -> list[Version]:
    """The latest trained first, without who promoted them."""
    serving = find_pointer(session)
    return [_read(row, serving) for row in list_versions(session)]


def find_pointer(session: Session) -> str | None:
    """The version that is to serve: the one promoted last. Should it be unreadable, servers pass it over."""
    return next(iter(find_serving_versions(session)), None)


def promote(desk: Desk, version: str, mover: Mover) -> None:
    """Let a version serve, also one that was kept back. Raises VersionError."""
    with desk.database.reading() as session:
        _get(session, version)
    _move(desk, version, mover, event="model.promoted")


def rollback(desk: Desk, mover: Mover, *, to: str | None = None) -> str:
    """Let a version that served before serve again: `to`, or the one trained last before the serving one, so
    that going back twice goes back further. Raises VersionError."""
    with desk.database.reading() as session:
        serving = find_pointer(session)
        if serving is None:
            raise NoRollback("No model serves; train one with: assist model train")
        target = _find_earlier(session, serving) if to is None else _get(session, to).version
        _check_step(session, serving, target)
    _move(desk, target, mover, event="model.rolled_back")
    return target


def load(desk: Desk, version: str) -> SalesModel:
    """Raises UnreadableVersion."""
    try:
        return SalesModel.load(desk.config.models_dir / version)
    except ArtifactError as error:
        raise UnreadableVersion(f"{version} cannot serve: {error}") from error


def compare_products(before: SalesModel, after: SalesModel) -> tuple[ProductChange, ProductChange]:
    """Those only `after` knows, and those only `before` does."""
    known, knows = set(before.parts.products), set(after.parts.products)
    new, gone = sorted(knows - known), sorted(known - knows)
    return ProductChange(len(new), tuple(new[:SOME])), ProductChange(len(gone), tuple(gone[:SOME]))


def entry_of(version: str, event: str, mover: Mover | None = None) -> Entry:
    return Entry(
        event, f"model:{version}", mover.actor_id if mover else None, mover.origin if mover else None
    )


def _move(desk: Desk, version: str, mover: Mover, *, event: str) -> None:
    load(desk, version)
    now = desk.clock.now()
    with desk.database.writing() as session:
        row = _get(session, version)
        before = find_pointer(session)
        row.promoted_at = now
        entry = entry_of(version, event, mover)
        audit.record(session, entry, at=now, by=mover.by, why=mover.why, before=before)
    desk.models.look_again()


def _get(session: Session, version: str) -> ModelVersion:
    row = session.get(ModelVersion, version)
    if row is None:
        raise UnknownVersion(f"There is no model {version}; list them with: assist model list")
    return row


def _find_earlier(session: Session, serving: str) -> str:
    now = _get(session, serving)
    served = [row for row in list_versions(session) if row.promoted_at and row.trained_at < now.trained_at]
    if not served:
        raise NoRollback(f"No model that served is older than {serving}; list them with: assist model list")
    return served[0].version


def _check_step(session: Session, serving: str, target: str) -> None:
    if target == serving:
        raise NoRollback(f"{target} serves already.")
    if _get(session, target).promoted_at is None:
        raise NoRollback(f"{target} never served; to let it serve, run: assist model promote {target}")


def _read(row: ModelVersion, serving: str | None) -> Version:
    figures = row.figures
    changes = figures.get("changes") or {}
    return Version(
        version=row.version,
        trained_at=row.trained_at,
        promoted_at=row.promoted_at,
        serving=row.version == serving,
        verdict=_verdict(row),
        lines=as_count(figures.get("lines")),
        customers=as_count(figures.get("customers")),
        products=as_count(figures.get("products")),
        new=_product_change(changes.get("new")),
        gone=_product_change(changes.get("gone")),
        notes=tuple(map(str, figures.get("notes") or ())),
        settings=figures.get("settings") or {},
        search=read_search(figures),
        quality=read_quality(figures),
        cost=read_cost(figures),
    )


def _verdict(row: ModelVersion) -> Verdict:
    found = row.figures.get("verdict") or {}
    differences = read_differences(found.get("differences"))
    return Verdict(row.verdict, found.get("cause") or "", found.get("against"), differences)


def _product_change(found: Mapping[str, Any] | None) -> ProductChange | None:
    return ProductChange(int(found["count"]), tuple(found["some"])) if found else None


def read_cost(figures: Mapping[str, Any]) -> Spent:
    found = figures.get("cost") or {}
    memory = as_count(found.get("peak_memory"))
    return Spent(as_number(found.get("cpu_seconds")), as_number(found.get("wall_seconds")), memory)


def _promotion(entry: AuditEntry, person: str | None) -> Promotion:
    by, why = entry.detail.get("by", ""), entry.detail.get("why", "")
    return Promotion(entry.at, entry.event, by, person, why)
