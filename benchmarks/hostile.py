"""What the worst conditions cost: those thought of, and random ones, each as text and as YAML holds it.

python -m benchmarks.hostile
"""

import argparse
import gc
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from benchmarks.cost import spend
from personas.conditions import Condition, evaluate
from personas.content import InvalidContent
from personas.facts import FactSet
from personas.findings import find_faults
from personas.limits import MAX_DEPTH, MAX_LETTERS, MAX_NODES, MAX_TEXT, MAX_VALUES
from personas.misses import nearest_miss
from personas.parse import parse_condition
from personas.sentence import read_condition, write_condition

MOST = 5.0
"""Milliseconds."""
TRIES = 3
"""Of each the cheapest counts: what else the machine does is not the text's fault."""
FACTS = FactSet(
    {
        "order.count": 7,
        "order.average_value": Decimal("19.99"),
        "customer.country": "BR",
        "crm.level": "ab" * 10_000,
        "category.owned": frozenset(f"category_{number}" for number in range(200)),
        "order.last_on": date(2026, 5, 5),
    }
)
Raw = Any
"""A condition as YAML holds it."""


def thought_of() -> Iterator[tuple[str, Raw]]:
    many, half = range(MAX_NODES - 1), "ab" * 22
    yield "as many clauses as can be", group("any", "order.count", "is", many)
    yield "as many facts as can be", {"all": [{"fact": f"crm.f{n}", "is": "x"} for n in many]}
    yield "one bound inside another", group("all", "order.average_value", "at_least", (n / 7 for n in many))
    yield "as long a list as can be", {"fact": "order.count", "in": list(range(MAX_VALUES))}
    yield "long words", listed(f"{n:03}{'x' * 45}" for n in range(MAX_VALUES))
    yield "a long text searched", group("any", "crm.level", "contains", (f"{half}{n}" for n in many))
    yield "what nearly fits", group("any", "crm.level", "contains", (half + "b" * (n % 6 + 1) for n in many))
    yield "set after set", group("all", "category.owned", "has", (f"category_{n + 9}" for n in many))
    days = (f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in many)
    yield "day after day", group("any", "order.last_on", "at_least", days)
    yield "as deep as can be", nested(MAX_DEPTH - 1, {"fact": "order.count", "is_not": 1})
    yield "a puzzle", puzzle()
    yield "signs to be escaped", listed(chr(92) * 20 + chr(34) * 20 + str(n) for n in range(MAX_VALUES))
    yield "too many clauses", group("any", "order.count", "is", range(100_000))
    yield "too deep", nested(5_000, {"fact": "order.count", "is": 1})
    yield "too long a word", {"fact": "crm.level", "is": "x" * 1_000_000}
    yield "too long a name", {"fact": "crm." + "x_" * 500_000, "is": "x"}
    yield "too many letters", listed(["x" * MAX_TEXT] * MAX_LETTERS)


def group(word: str, fact: str, operator: str, values: Iterable[object]) -> Raw:
    return {word: [{"fact": fact, operator: value} for value in values]}


def listed(values: Iterable[str]) -> Raw:
    return {"fact": "crm.level", "in": list(values)}


def nested(depth: int, inner: Raw) -> Raw:
    for _ in range(depth):
        inner = {"not": inner}
    return inner


def puzzle() -> Raw:
    """Each pair may be met either way, and what meets one stands in another's way."""
    sides = [
        {"any": [{"fact": "order.count", "at_least": n}, {"fact": "order.average_value", "at_most": 90 - n}]}
        for n in range(20, 60)
    ]
    others = [
        {"any": [{"fact": "order.count", "at_most": 90 - n}, {"fact": "customer.country", "is": f"C{n % 5}"}]}
        for n in range(20, 45)
    ]
    return {"all": [*sides[:35], *others]}


def at_random(rng: random.Random, several: int) -> Iterator[tuple[str, Raw]]:
    for number in range(several):
        yield f"random {number}", draw(rng, MAX_DEPTH, rng.randint(1, MAX_NODES))


def draw(rng: random.Random, depth: int, nodes: int) -> Raw:
    if depth <= 1 or nodes <= 1:
        return clause(rng)
    group = rng.choice(["all", "any", "not"])
    if group == "not":
        return {"not": draw(rng, depth - 1, nodes - 1)}
    several = rng.randint(1, min(nodes - 1, 14))
    return {group: [draw(rng, depth - 1, (nodes - 1) // several) for _ in range(several)]}


def clause(rng: random.Random) -> Raw:
    return rng.choice(
        [
            {"fact": "order.count", rng.choice(["is", "is_not", "at_least", "at_most"]): rng.randint(0, 20)},
            {"fact": "order.average_value", "between": [rng.randint(0, 9), rng.randint(9, 99) / 4 + 9]},
            {"fact": "customer.country", "in": rng.sample(["BR", "MX", "ES", "US", "PT"], 3)},
            {"fact": "crm.level", rng.choice(["contains", "starts_with"]): "ab" * rng.randint(1, 20)},
            {"fact": "category.owned", "has_any": [f"category_{rng.randrange(300)}" for _ in range(3)]},
            {"fact": f"crm.f{rng.randrange(9)}", "known": rng.random() < 0.5},
        ]
    )


def weigh(raw: Raw) -> Iterator[tuple[str, float]]:
    """Each step, and what it costs: milliseconds of the processor. What is refused ends after the first."""
    yield "read from YAML's form", cost(lambda _: parse(raw))
    condition = parse(raw)
    if condition is None:
        yield "read from text, refused", cost(refuse, lambda: as_text(raw))
        return
    text = write_condition(condition)
    yield "read from text", cost(lambda _: read_condition(text))
    yield "decided with its trace", cost(lambda fresh: evaluate(fresh, FACTS).trace, lambda: parse(raw))
    yield "nearest miss", cost(lambda _: nearest_miss(condition, FACTS))
    yield "looked over", cost(lambda _: find_faults(condition))


def cost(work: Callable[[Any], object], begin: Callable[[], object] = lambda: None) -> float:
    """At the cheapest try; `begin` makes what `work` takes, and is not counted."""
    return min(spend_on(work, begin()) for _ in range(TRIES))


def spend_on(work: Callable[[Any], object], given: object) -> float:
    return spend(lambda: work(given)).cpu * 1000


def parse(raw: Raw) -> Condition | None:
    try:
        return parse_condition(raw)
    except InvalidContent:
        return None


def refuse(text: str) -> None:
    try:
        read_condition(text)
    except InvalidContent:
        return
    raise AssertionError("it was not refused")


def as_text(raw: Raw) -> str:
    """What cannot be read has no condition to be written from: its largest part over and over."""
    return "not (" * 5_000 if "not" in raw else f"order.count is {str(raw)[:2_000_000]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000, help="random ones beside those thought of")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    gc.disable()
    worst: dict[str, tuple[float, str]] = {}
    for name, raw in (*thought_of(), *at_random(random.Random(asked.seed), asked.texts)):
        for step, spent in weigh(raw):
            worst[step] = max(worst.get(step, (0.0, "")), (spent, name))
    for step, (spent, name) in worst.items():
        print(f"{step:<24} {spent:6.2f} ms at most: {name}")
    print(f"wanted: {MOST:.0f} ms")


if __name__ == "__main__":
    main()
