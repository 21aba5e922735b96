"""Some hundred decisions, written out. A process of its own, for what may differ between two: the seed of hashes, by
which sets are in another order, and the order in which everything is given.

python -m tests.personas.deciding ORDER
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from personas.arbitration import arbitrate
from personas.candidates import KINDS, Candidate, Situation, Tally
from personas.catalogue import load_catalogue
from personas.facts import FactSet, FactValue
from personas.rulebook import parse_rules
from personas.rulings import judge
from personas.whynot import why_not
from tests.personas.rule_generators import TODAY, written

DECISIONS = 300
POLICIES = load_catalogue().policies
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CATEGORIES = ("cases", "phones", "glass", "audio")
FACTS: dict[str, tuple[FactValue, ...]] = {
    "order.count": (1, 3, 5),
    "order.average_value": (Decimal("2.5"), Decimal(40)),
    "customer.country": ("ES", "BR"),
    "category.owned": (frozenset({"cases", "phones", "audio"}), frozenset({"glass"})),
}
CLAUSES: tuple[dict[str, Any], ...] = (
    {"fact": "order.count", "at_least": 3},
    {"fact": "order.average_value", "at_most": 30},
    {"fact": "customer.country", "in": ["ES", "MX", "PT"]},
    {"fact": "category.owned", "has_any": ["phones", "cases", "glass"]},
    {"not": {"fact": "category.owned", "has": "audio"}},
)
EFFECTS: dict[str, tuple[Any, ...]] = {
    "eligibility": ("deny", "require"),
    "applicability": ("deny", "require"),
    "suitability": ("deny", "require"),
    "boost": ({"factor": 0.7}, {"factor": 1.3}),
    "pin": ("first", "mandatory"),
    "cap": ({"most": 1},),
    "gate": ("close",),
}


def write_decisions(order: int) -> str:
    """`order`: a seed for what comes first."""
    random, shuffle = Random(7), Random(order).shuffle
    return "\n".join(_decide(random, shuffle) for _ in range(DECISIONS))


def _decide(random: Random, shuffle: Any) -> str:
    rules = [_rule(random, f"r{number}") for number in range(random.randint(0, 4))]
    pool = [_candidate(random, f"P{number}") for number in range(random.randint(0, 12))]
    facts = [(name, random.choice(values)) for name, values in FACTS.items() if random.random() < 0.7]
    situation = Situation(
        NOW,
        POLICIES.consent_default,
        offers=random.choice([None, None, None, False]),
        open_complaint=random.random() < 0.1,
        currency="EUR",
        recent_declines=random.randint(0, 2),
    )
    for given in (rules, pool, facts):
        shuffle(given)
    found = parse_rules({"rules": rules}, path="rules")
    ruling = judge(found, FactSet(dict(facts)), TODAY)
    decision = arbitrate(pool, situation, weighing=POLICIES.weighing, ruling=ruling)
    answers = [why_not(sku, decision, ruling) for sku in sorted(each.product for each in pool)]
    changes = [[each.changes for each in answer.obstacles] for answer in answers if answer]
    chosen = [
        (one.candidate.product, *one.worth[:4], *(rule.key for rule in ruling.lifting(one.candidate)))
        for one in decision.chosen
    ]
    ranked = [one.candidate.product for one in decision.ranked]
    return json.dumps([chosen, ranked, decision.removed, changes], default=_plain)


def _rule(random: Random, key: str) -> dict[str, Any]:
    stage = random.choices(list(EFFECTS), [3, 3, 3, 4, 2, 1, 0.5])[0]
    scope: dict[str, Any] = {"categories": random.sample(CATEGORIES, 2)} if random.random() < 0.7 else {}
    scope |= {"kinds": random.sample(KINDS, 3)} if random.random() < 0.4 else {}
    group = random.choice(["all", "any"])
    more = {"scope": scope} if scope and stage != "gate" else {}
    condition = {group: random.sample(CLAUSES, 2)}
    priority = random.randint(0, 1)
    return written(stage, random.choice(EFFECTS[stage]), key=key, when=condition, priority=priority, **more)


def _candidate(random: Random, sku: str) -> Candidate:
    return Candidate(
        sku,
        random.choice(KINDS),
        random.choice([0.1, 0.2, 0.7]),
        likelihood=random.choice([None, 0.1, 0.3]),
        support=random.choice([None, (0.1, 0.2), (0.3, 0.2)]),
        category=random.choice([None, None, *CATEGORIES]),
        price=random.choice([None, Decimal(1), Decimal("29.90"), Decimal(300)]),
        stratum=Tally(random.randint(0, 3), random.randint(3, 9)),
        stock=random.choice([None, 0, 4]),
        suppressed_until=random.choice([None, None, NOW + timedelta(1)]),
        doubled_cost=random.random() < 0.2,
    )


def _plain(value: Any) -> Any:
    """A set in its own order would hide nothing: what is told of sets has to be sorted before it is told."""
    return sorted(value) if isinstance(value, frozenset) else getattr(value, "fact", None) or str(value)


if __name__ == "__main__":
    sys.stdout.write(write_decisions(int(sys.argv[1])))
