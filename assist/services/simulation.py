"""What a release would change, tried on past decisions before anybody sees it; the report stays with the release."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from assist.models.release import Simulation
from assist.services import audit, releases
from assist.services.audit import COMMAND_LINE, Actor
from assist.services.desk import Desk
from assist.services.impact import Impact
from assist.services.replay import replay
from assist.services.shelf import InForce
from assist.store import releases as store
from assist.store import replays
from assist.store.replays import Case
from recommender.effort import Progress, keep_quiet

DECISIONS, CUSTOMERS = "decisions", "customers"
MOST_CASES, DAYS = 2_500, 90
TOLD_EVERY = 25
"""Cases between two words about how far it is."""
THEN = (
    "restraints_lifted",
    "cases_closed",
    "order_states",
    "stock_and_prices",
    "customer_as_now",
    "model_as_now",
    "rates_as_now",
)
"""Codes of what cannot be rewound to a past moment."""
NOW = ("no_conversation",)
"""Codes of what is missing where no decision was logged."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to try a release on."""

    most: int = MOST_CASES
    days: int = DAYS
    over: str | None = None
    """DECISIONS or CUSTOMERS; None: decisions of these days, or where there is none, customers as they are now."""


@dataclass(frozen=True, slots=True)
class Simulated:
    release: str
    against: str
    """Digests."""
    made_at: datetime
    report: dict[str, Any]


def simulate(
    desk: Desk,
    name: str,
    *,
    against: str | None = None,
    plan: Plan | None = None,
    progress: Progress = keep_quiet,
    actor: Actor = COMMAND_LINE,
) -> Simulated:
    """Kept with the release. `against`: None for what is in force now. Raises UnknownRelease."""
    now, plan = desk.clock.now(), plan or Plan()
    with desk.database.reading() as session:
        before = _load(session, against or releases.find_current(session, now))
        after = _load(session, name)
        source, cases = _sample(session, plan, now)
    impact = Impact()
    for number, found in enumerate(replay(desk, cases, before, after), 1):
        impact.add(found)
        if number % TOLD_EVERY == 0:
            progress("replaying", number / len(cases))
    report = {"source": source, "days": plan.days if source == DECISIONS else None, **impact.document()}
    report["notes"] = _notes(source, impact)
    return _keep(desk, Simulated(after.digest, before.digest, now, report), actor)


def find_latest(session: Session, name: str) -> Simulated | None:
    """The one made last of this release, whatever it was held against. Raises UnknownRelease."""
    row = store.find_simulation(session, releases.load(session, name).digest)
    return Simulated(row.release, row.against, row.made_at, row.report) if row else None


def _load(session: Session, name: str) -> InForce:
    found = releases.load(session, name)
    return InForce(found.digest, found.catalogue)


def _sample(session: Session, plan: Plan, now: datetime) -> tuple[str, Sequence[Case]]:
    if plan.over != CUSTOMERS:
        cases = replays.sample_decisions(session, now - timedelta(days=plan.days), most=plan.most)
        if cases or plan.over:
            return DECISIONS, cases
    return CUSTOMERS, replays.sample_customers(session, now, most=plan.most)


def _notes(source: str, impact: Impact) -> list[str]:
    """Codes: what the report cannot say."""
    found = [*(THEN if source == DECISIONS else NOW)]
    if impact.cases and not impact.models:
        found.append("no_model")
    if len(impact.models) > 1:
        found.append("model_replaced")
    if impact.skipped:
        found.append("customers_gone")
    return found


def _keep(desk: Desk, made: Simulated, actor: Actor) -> Simulated:
    with desk.database.writing() as session:
        row = Simulation(release=made.release, against=made.against, report=made.report)
        row.made_at, row.made_by = made.made_at, actor.id
        session.add(row)
        entry = actor.entry("release.simulated", f"release:{made.release}")
        audit.record(session, entry, at=made.made_at, against=made.against, cases=made.report["cases"])
    return made
