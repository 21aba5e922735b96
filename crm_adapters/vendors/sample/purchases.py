"""How the sample shop's customers come to buy: phones, what follows them, upgrades, tastes, seasons.

Days count from the reference date: 0 is that day, negative ones lie before it.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from crm_adapters.vendors.sample.catalogue import Catalogue, Item
from crm_adapters.vendors.sample.people import Person, pick

Basket = dict[str, int]
"""SKU → quantity."""

FOLLOWS_A_PHONE = {
    "cases": 0.52,
    "protectors": 0.40,
    "plans": 0.20,
    "chargers": 0.20,
    "insurance": 0.15,
    "audio": 0.11,
    "cables": 0.11,
    "powerbanks": 0.06,
    "memory": 0.05,
    "gaming": 0.02,
    "photo": 0.02,
}
"""Chance that one of the category is bought with a phone or within 30 days, before the segment's taste."""

GOES_WITH = {
    "Aurora": ("WCH-15", "CHG-65", "PUL-3", "PLN-L", "INS-P", "CBL-B1", "RLT-1"),
    "Breeze": ("CHG-30", "PUL-2", "PLN-M", "INS-B", "CBL-C2", "MSD-128", "TRI-1"),
    "Cirrus": ("CHG-20", "PUL-1", "PLN-S", "CBL-C1", "MSD-64", "MSD-128"),
    "Storm": ("CHG-100", "RNG-2", "GRP-2", "COL-2", "PLN-XL", "PWB-20", "CBL-B2"),
    "Atlas": ("CHG-65", "PLB-1", "INS-X", "CAR-45", "PWB-27", "CBL-B2"),
}
"""What the shop's people recommend with each line: four times as likely as the rest of the category."""

FOLLOWS_A_FAMILY: Mapping[str, tuple[tuple[str, float], ...]] = {
    "Orbit": (("STR-NYL", 0.30), ("STR-STE", 0.15), ("STR-SPO", 0.15)),
    "Slate": (("SLC-1", 0.40), ("PEN-1", 0.30), ("SLC-2", 0.15), ("PEN-2", 0.08)),
    "Slate Kids": (("SKC-1", 0.60), ("INS-B", 0.20)),
    "Grip controller": (("COL-1", 0.30), ("TRG-1", 0.20)),
    "Car mount": (("CAR-20", 0.35), ("CAR-45", 0.15)),
    "Tripod": (("RLT-1", 0.35), ("GIM-1", 0.15)),
    "Kiddo": (("SPT-1", 0.30),),
}
"""By family: what is bought within 30 days of it, and with which chance."""

SEASON = (0.80, 0.70, 0.75, 0.80, 1.0, 0.85, 0.85, 0.80, 0.90, 0.95, 1.75, 1.85)
"""Weight of each month, January first."""

NEXT_LINE = {"Cirrus": "Breeze", "Breeze": "Aurora"}


class Shopper:
    """One person's life as a customer; `baskets` is what it leaves behind."""

    def __init__(self, person: Person, catalogue: Catalogue, *, dice: Random, today: datetime) -> None:
        self.segment = person.segment
        self.first_day = person.first_day
        self.catalogue = catalogue
        self.dice = dice
        self.today = today
        self.baskets: dict[int, Basket] = defaultdict(dict)
        self.owned: dict[str, Item] = {}
        """By family: the best one bought so far."""

    def live(self) -> None:
        line = pick(self.dice, self.segment.lines)
        day = self.first_day
        if self.dice.random() < 0.15:
            day += self._gap() // 2
        while day <= 0:
            day = self._in_season(day)
            phone = self._choose_phone(line, day)
            if phone:
                self._buy(phone, day)
                self._follow_phone(phone, day)
            day = self._next_phone_day(phone, day)
            line = NEXT_LINE.get(line, line) if phone is None or self.dice.random() < 0.15 else line
        self._visit()

    def _next_phone_day(self, phone: Item | None, day: int) -> int:
        """A year brings repairs, and half of those an early upgrade."""
        planned = day + self._gap()
        if phone is None or self.dice.random() > 0.16:
            return planned
        repaired = day + 300 + self.dice.randrange(150)
        if repaired > planned:
            return planned
        self._buy_from("repairs", repaired, phone=phone)
        return min(planned, repaired + 60 + self.dice.randrange(60)) if self.dice.random() < 0.5 else planned

    def _gap(self) -> int:
        months = self.dice.gauss(self.segment.months_per_phone, self.segment.months_per_phone / 4)
        return int(30 * max(4.0, months))

    def _in_season(self, day: int) -> int:
        """Some wait for the sales of November and December when these are less than three months away."""
        month = (self.today + timedelta(days=day)).month
        if month not in {9, 10} or self.dice.random() < 0.5:
            return day
        return min(0, day + (11 - month) * 30 + self.dice.randrange(40))

    def _choose_phone(self, line: str, day: int) -> Item | None:
        """Whoever buys for one person only takes a better one than they own; None where there is none."""
        on_sale = self.catalogue.on_sale("phones", day, fits=line)
        models = sorted({item.model for item in on_sale}, key=lambda model: int(model.split()[-1]))
        newest = len(models) < 2 or self.dice.random() < self.segment.newest
        sizes = [item for item in on_sale if item.model == models[-1 if newest else -2]]
        size = 0
        while size < len(sizes) - 1 and self.dice.random() < self.segment.roomy:
            size += 1
        owned = self.owned.get(line)
        if owned is None or self.segment.name in {"family", "business"}:
            return sizes[size]
        better = [item for item in (sizes[size], *on_sale) if item.tier > owned.tier]
        return better[0] if better else None

    def _follow_phone(self, phone: Item, day: int) -> None:
        for category, chance in FOLLOWS_A_PHONE.items():
            if self.dice.random() < chance * self.segment.attach.get(category, 1.0):
                self._buy_from(category, self._soon(day), phone=phone)
        if self.dice.random() < 0.22:
            self._buy_from("protectors", day + 150 + self.dice.randrange(150), phone=phone)

    def _soon(self, day: int) -> int:
        return day if self.dice.random() < 0.6 else day + 1 + self.dice.randrange(29)

    def _visit(self) -> None:
        """Purchases out of taste, as many as the time since the first day allows, more in high season."""
        years = (1 - self.first_day) / 365
        visits = int(self.segment.visits * years * 0.72 + self.dice.random())
        days = (self.first_day + int(self.dice.random() * (1 - self.first_day)) for _ in range(visits))
        for day in sorted(days):
            month = (self.today + timedelta(days=day)).month
            if self.dice.random() * max(SEASON) < SEASON[month - 1] * 1.4:
                self._browse(day)

    def _browse(self, day: int) -> None:
        item = self._buy_from(pick(self.dice, self.segment.tastes), day)
        if item is None:
            return
        for sku, chance in FOLLOWS_A_FAMILY.get(item.product.family or "", ()):
            if self.dice.random() < chance:
                self._buy(self.catalogue.by_sku[sku], self._soon(day))
        if self.dice.random() < 0.2:
            self._buy_from(pick(self.dice, self.segment.tastes), day)

    def _buy_from(self, category: str, day: int, *, phone: Item | None = None) -> Item | None:
        choice = self._shelf(category, day, phone)
        if not choice:
            return None
        line = phone.fits if phone else next(iter(self.segment.lines))
        weights = [
            4.0 if item.sku in GOES_WITH[line] else 1.0 / (1 + place) for place, item in enumerate(choice)
        ]
        item = self.dice.choices(choice, weights=weights)[0]
        self._buy(item, day)
        return item

    def _shelf(self, category: str, day: int, phone: Item | None) -> list[Item]:
        """What fits the phone where the category is made to fit; nothing that is worse than what is owned."""
        fits = ""
        if phone and category in {"cases", "protectors"}:
            fits = phone.model
        if phone and category == "repairs":
            fits = phone.fits
        found = self.catalogue.on_sale(category, day, fits=fits)
        if category not in {"plans", "audio", "watches", "tablets"}:
            return found
        return [item for item in found if item.tier > self._owned_tier(item)]

    def _owned_tier(self, item: Item) -> int:
        owned = self.owned.get(item.product.family or "")
        return owned.tier if owned else 0

    def _buy(self, item: Item, day: int) -> None:
        if day > 0 or not item.on_sale(day):
            return
        many = item.product.category not in {"phones", "repairs", "insurance"}
        quantity = self.dice.choice(self.segment.units) if many else 1
        self.baskets[day][item.sku] = quantity
        if item.tier > self._owned_tier(item) and item.product.family:
            self.owned[item.product.family] = item
