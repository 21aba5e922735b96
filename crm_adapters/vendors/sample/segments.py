"""The tastes behind the sample shop's purchases: what each segment buys, how often, how new."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    share: float
    """Of the customers who buy for themselves; `business` is for those with a company."""
    lines: Mapping[str, float]
    """Weight of each phone line."""
    newest: float
    """Chance to take the newest generation rather than the one before it."""
    roomy: float
    """Chance to go up one storage size, tried once per size."""
    months_per_phone: float
    attach: Mapping[str, float]
    """By category: how much more (or less) often than everybody an accessory follows a phone."""
    visits: float
    """Purchases a year besides phones and what follows them."""
    tastes: Mapping[str, float]
    """By category: weight in those purchases."""
    units: tuple[int, ...] = (1,)
    """Quantities bought of accessories, each as likely."""


EVERYDAY = Segment(
    "everyday",
    0.32,
    {"Aurora": 3, "Breeze": 5, "Cirrus": 2, "Atlas": 0.5},
    newest=0.6,
    roomy=0.35,
    months_per_phone=20,
    attach={},
    visits=2.4,
    tastes={"cables": 5, "chargers": 4, "powerbanks": 3, "audio": 3, "car": 3, "speakers": 1, "trackers": 1},
)
BARGAIN = Segment(
    "bargain",
    0.20,
    {"Cirrus": 7, "Breeze": 3},
    newest=0.15,
    roomy=0.1,
    months_per_phone=24,
    attach={"insurance": 0.2, "plans": 0.5, "memory": 2.5, "audio": 0.5},
    visits=2.6,
    tastes={"cables": 6, "memory": 5, "chargers": 3, "audio": 1, "powerbanks": 2, "repairs": 1},
)
ENTHUSIAST = Segment(
    "enthusiast",
    0.16,
    {"Aurora": 8, "Storm": 1},
    newest=0.97,
    roomy=0.65,
    months_per_phone=11,
    attach={"audio": 2.5, "chargers": 1.6, "insurance": 1.8, "plans": 1.5},
    visits=4.2,
    tastes={"audio": 5, "watches": 5, "chargers": 4, "speakers": 3, "tablets": 3, "trackers": 3, "photo": 2},
)
GAMER = Segment(
    "gamer",
    0.13,
    {"Storm": 9, "Breeze": 1},
    newest=0.8,
    roomy=0.55,
    months_per_phone=14,
    attach={"gaming": 12, "chargers": 1.6, "powerbanks": 2.5, "audio": 1.8},
    visits=4.0,
    tastes={"gaming": 9, "audio": 4, "powerbanks": 3, "cables": 2, "memory": 1},
)
FAMILY = Segment(
    "family",
    0.14,
    {"Breeze": 5, "Cirrus": 4, "Aurora": 1.5},
    newest=0.45,
    roomy=0.3,
    months_per_phone=8,
    attach={"cases": 1.3, "protectors": 1.4, "insurance": 1.6},
    visits=3.6,
    tastes={"tablets": 5, "watches": 3, "trackers": 4, "cables": 4, "chargers": 3, "speakers": 1, "car": 1},
)
CREATOR = Segment(
    "creator",
    0.05,
    {"Aurora": 8, "Breeze": 2},
    newest=0.8,
    roomy=0.85,
    months_per_phone=15,
    attach={"photo": 12, "memory": 2, "powerbanks": 2.5, "audio": 1.5},
    visits=4.4,
    tastes={"photo": 10, "audio": 3, "powerbanks": 3, "memory": 2, "cables": 2},
)
BUSINESS = Segment(
    "business",
    0.0,
    {"Atlas": 6, "Aurora": 3, "Breeze": 1.5},
    newest=0.7,
    roomy=0.4,
    months_per_phone=9,
    attach={"cases": 1.4, "protectors": 1.2, "plans": 2.0, "insurance": 1.4, "chargers": 1.3, "audio": 0.4},
    visits=4.2,
    tastes={"chargers": 5, "cables": 5, "car": 5, "powerbanks": 3, "tablets": 3, "plans": 2},
    units=(1, 1, 2, 2, 3, 5),
)

PRIVATE = (EVERYDAY, BARGAIN, ENTHUSIAST, GAMER, FAMILY, CREATOR)
