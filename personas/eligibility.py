"""Which candidates may be offered at all: consent, the service gate, each product's own obstacles, people's rules."""

from collections.abc import Callable, Sequence
from datetime import datetime

from personas.candidates import Candidate, Removal, Situation, Stage
from personas.policies import Stance
from personas.rulings import UNRULED, Ruling

Finding = tuple[Stage, str, str, str]
"""Stage, rule, actual, wanted."""


def screen(
    candidates: Sequence[Candidate], situation: Situation, ruling: Ruling = UNRULED
) -> tuple[tuple[Candidate, ...], tuple[Removal, ...]]:
    """Those that pass, and every obstacle of the others."""
    passed: list[Candidate] = []
    removed: list[Removal] = []
    refused = ruling.refuse(candidates)
    for candidate in candidates:
        found = [finding for look in _FILTERS if (finding := look(candidate, situation))]
        removed += [
            Removal(stage, rule, candidate.product, actual, wanted) for stage, rule, actual, wanted in found
        ]
        removed += refused.get(candidate.product, ())
        passed += [] if found or candidate.product in refused else [candidate]
    return tuple(passed), tuple(removed)


def closed_gate(situation: Situation) -> Finding | None:
    """Why nothing is sold in this conversation: the customer needs help first."""
    if situation.closed_by_agent:
        return Stage.GATE, "closed_by_agent", "closed", "open"
    if situation.open_complaint:
        return Stage.GATE, "open_complaint", "open", "closed"
    if situation.late_days is not None and situation.late_days > 0:
        return Stage.GATE, "late_order", str(situation.late_days), "0"
    return None


def _consent(candidate: Candidate, situation: Situation) -> Finding | None:
    if situation.offers is False:
        return Stage.CONSENT, "objection", "objected", "granted"
    if situation.offers:
        return None
    policy = situation.consent
    stance = policy.existing if situation.is_customer else policy.strangers
    if stance is Stance.AFTER_CONSENT:
        return Stage.CONSENT, "consent_unknown", "unknown", "granted"
    if stance is Stance.ASKED_ONLY and not candidate.asked_for:
        return Stage.CONSENT, "not_asked_for", "unknown", "granted"
    return None


def _gate(_: Candidate, situation: Situation) -> Finding | None:
    return closed_gate(situation)


def _owned(candidate: Candidate, _: Situation) -> Finding | None:
    if candidate.owned and candidate.kind != "replenish":
        return Stage.ELIGIBILITY, "owned", "owned", "not owned"
    return None


def _inactive(candidate: Candidate, _: Situation) -> Finding | None:
    return None if candidate.active else (Stage.ELIGIBILITY, "inactive", "inactive", "active")


def _unsupported(candidate: Candidate, _: Situation) -> Finding | None:
    """A reason that speaks against itself is no reason: an agent would read it, and be right to wonder."""
    if candidate.support is None or candidate.support[0] > candidate.support[1]:
        return None
    least, shop_wide = candidate.support
    return Stage.APPLICABILITY, "no_better_than_chance", f"{least:.1%}", f"above {shop_wide:.1%}"


def _offered_enough(_: Candidate, situation: Situation) -> Finding | None:
    most = situation.most_offers
    if most is None or situation.recent_offers < most:
        return None
    return Stage.CONTACT, "offered_enough", str(situation.recent_offers), f"below {most}"


def _suppressed(candidate: Candidate, situation: Situation) -> Finding | None:
    return _waiting("suppressed", candidate.suppressed_until, situation.now)


def _snoozed(candidate: Candidate, situation: Situation) -> Finding | None:
    return _waiting("category_snoozed", candidate.snoozed_until, situation.now)


def _waiting(rule: str, until: datetime | None, now: datetime) -> Finding | None:
    if until is None or until <= now:
        return None
    return Stage.CONTACT, rule, now.isoformat(), until.isoformat()


def _out_of_stock(candidate: Candidate, _: Situation) -> Finding | None:
    if candidate.stock is None or candidate.stock > 0:
        return None
    return Stage.STOCK, "out_of_stock", str(candidate.stock), "1"


_FILTERS: tuple[Callable[[Candidate, Situation], Finding | None], ...] = (
    _consent,
    _gate,
    _owned,
    _inactive,
    _unsupported,
    _offered_enough,
    _suppressed,
    _snoozed,
    _out_of_stock,
)
"""In the order of the stages."""
