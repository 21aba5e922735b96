"""Two releases side by side on one real customer: what is in force, and what a draft would make of them. Nothing is
stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from assist.services.brief import Brief, Reading, Request, judge_by, look_back, read
from assist.services.decide import find_silence, judge
from assist.services.desk import Desk
from assist.services.facts import count_down, open_dossier
from assist.services.obstacles import ObstacleView, view_logged
from assist.services.shelf import InForce
from assist.services.views import Gate, SuggestionView
from assist.services.whynot import WhyNotView, ask_why_not
from assist.store.customers import find_customer
from personas import matcher
from personas.candidates import Removal
from personas.icp import rate

MOST_REMOVED = 40


@dataclass(frozen=True, slots=True)
class Stopped:
    name: str
    """Of the product."""
    sku: str
    obstacle: ObstacleView


@dataclass(frozen=True, slots=True)
class Seen:
    """What agents would see by one release, and what stands behind it."""

    persona_state: str
    personas: Sequence[str]
    """Keys of the one or two that lead."""
    grade: str
    """As `B2`."""
    gate: Gate | None
    suggestions: Sequence[SuggestionView]
    silence: str | None
    messages: Sequence[str]
    removed: Sequence[Stopped]
    """In the order of the stages."""
    why_not: WhyNotView | None
    """Of the product that was asked about."""


@dataclass(frozen=True, slots=True)
class Sides:
    name: str
    """The customer's."""
    now: Seen
    then: Seen


def compare(
    desk: Desk, customer_id: int, draft: InForce, *, product: str = "", language: str
) -> Sides | None:
    """None where there is no such customer."""
    request = Request(customer_id, 0, "", language)
    with desk.database.reading() as session:
        customer = find_customer(session, customer_id)
        if customer is None:
            return None
        dossier = open_dossier(session, customer, desk.clock.now())
        reading = read(desk, session, request, dossier, look_back(session, request, dossier))
        now, then = (
            _see(desk, session, release, reading, product) for release in (desk.releases.current(), draft)
        )
    return Sides(customer.name or "", now, then)


def _see(desk: Desk, session: Session, release: InForce, reading: Reading, product: str) -> Seen:
    brief = judge_by(desk, release, reading)
    verdict, views = judge(session, brief)
    catalogue, language = release.catalogue, reading.request.language
    facts = count_down(reading.facts, catalogue.counted, reading.dossier)
    match = matcher.best(catalogue.personas, facts)
    return Seen(
        persona_state=str(match.state),
        personas=[found.persona.key for found in match.leading],
        grade=rate(catalogue.icp, facts).label,
        gate=brief.gate,
        suggestions=views,
        silence=find_silence(brief, verdict),
        messages=brief.ruling.say(language),
        removed=[_stopped(brief, one) for one in _first_of_each(verdict.removed)[:MOST_REMOVED]],
        why_not=ask_why_not(desk, reading.request, product, release=release) if product else None,
    )


def _first_of_each(removed: Sequence[Removal]) -> list[Removal]:
    """Where each product fell."""
    return list({one.product: one for one in reversed(removed)}.values())[::-1]


def _stopped(brief: Brief, removal: Removal) -> Stopped:
    names = {one.product.sku: one.product.name for one in brief.offerings.items}
    logged = {
        "stage": str(removal.stage),
        "rule": removal.rule,
        "clause": removal.clause,
        "product": removal.product,
        "actual": removal.actual,
        "wanted": removal.wanted,
    }
    obstacle = view_logged(logged, brief.release.catalogue.rules, brief.request.language)
    return Stopped(names.get(removal.product, removal.product), removal.product, obstacle)
