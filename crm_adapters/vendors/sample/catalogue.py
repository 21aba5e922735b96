"""The sample shop's products, made from its tables: references, tiers, prices in four currencies, stock."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from zlib import crc32

from crm_adapters.model import Money, Product, ProductRelation
from crm_adapters.vendors.sample.shelf import (
    GOODS,
    ON_REQUEST,
    PHONE_LINES,
    RETIRED,
    SERVICES,
    SOLD_OUT,
    Group,
    PhoneLine,
)

ALWAYS = 9999
RETIRED_FOR = 60
"""Days since a retired product was last sold."""

STEPS = {"EUR": (1, 0), "USD": (1.08, 0), "MXN": (19, 1), "BRL": (5.9, 1)}
"""Per currency: what a euro is worth, and what is taken off a price rounded to tens."""


@dataclass(frozen=True, slots=True)
class Item:
    """A product and what the buyers' process needs to know of it."""

    product: Product
    fits: str = ""
    """Empty: any phone. Otherwise the model, as `Aurora 6`; for phones and repairs the line, as `Aurora`."""
    model: str = ""
    launched: int = ALWAYS
    """Days before the reference date."""

    @property
    def sku(self) -> str:
        return self.product.sku

    @property
    def tier(self) -> int:
        return self.product.tier or 0

    def on_sale(self, day: int) -> bool:
        """`day` counts from the reference date: 0 is that day, -1 the day before."""
        return -self.launched <= day and (self.product.active or day < -RETIRED_FOR)


class Catalogue:
    """All items in the order of their references."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = tuple(items)
        self.by_sku: Mapping[str, Item] = {item.sku: item for item in items}
        self._shelves: dict[tuple[str, str], list[Item]] = defaultdict(list)
        for item in items:
            self._shelves[item.product.category or "", item.fits].append(item)

    def on_sale(self, category: str, day: int, *, fits: str = "") -> list[Item]:
        return [item for item in self._shelves[category, fits] if item.on_sale(day) and item.product.prices]

    def price(self, sku: str, currency: str) -> Decimal:
        prices = self.by_sku[sku].product.prices
        return next(price.amount for price in prices if price.currency == currency)


def build_catalogue(today: datetime) -> Catalogue:
    items = [*_phones(), *_made_for_phones(), *_counted(), *_services()]
    return Catalogue([_finished(item, number, today) for number, item in enumerate(items, 1)])


def build_relations(catalogue: Catalogue) -> list[ProductRelation]:
    """What the shop's people linked by hand: only the newest phones of two lines, as far as they came."""
    found: list[ProductRelation] = []
    for item in catalogue.items:
        if item.model in {"Aurora 7", "Storm 3"} and item.product.category == "phones":
            found.extend(_links(item, catalogue))
    return found


def _links(phone: Item, catalogue: Catalogue) -> Iterator[ProductRelation]:
    for category in ("cases", "protectors"):
        for fitting in catalogue.on_sale(category, 0, fits=phone.model):
            yield ProductRelation(phone.product.ref, fitting.product.ref, "accessory")
    for sku in ("CHG-65", "PWB-20"):
        yield ProductRelation(phone.product.ref, catalogue.by_sku[sku].product.ref, "cross_sell")
    better = [item for item in catalogue.on_sale("phones", 0, fits=phone.fits) if item.tier == phone.tier + 1]
    for item in better:
        yield ProductRelation(phone.product.ref, item.product.ref, "upsell")


def _phones() -> Iterator[Item]:
    for line in PHONE_LINES:
        euros = iter(line.euros)
        for generation, launched in zip(line.generations, line.launched, strict=True):
            for storage in line.storages:
                yield _phone(line, generation, storage, euro=next(euros), launched=launched)


def _phone(line: PhoneLine, generation: int, storage: int, *, euro: int, launched: int) -> Item:
    model = f"{line.name} {generation}"
    size = "1 TB" if storage == 1024 else f"{storage} GB"
    tier = line.euros.index(euro) + 1
    sku = f"{line.code}{generation}-{storage}"
    return Item(
        _product("phones", line.name, (sku, f"{model} {size}", euro), tier=tier), line.name, model, launched
    )


def _made_for_phones() -> Iterator[Item]:
    for line in PHONE_LINES:
        for generation, launched in zip(line.generations, line.launched, strict=True):
            model, code = f"{line.name} {generation}", f"{line.code}{generation}"
            for group in (_cases(line, model, code), _protectors(line, model, code)):
                for tier, good in enumerate(group.goods, 1):
                    product = _product(group.category, group.family, good, tier=tier)
                    yield Item(product, model, model, launched)


def _cases(line: PhoneLine, model: str, code: str) -> Group:
    name, short, euro = line.second_case
    clear = (f"CASE-{code}-CLR", f"Clear case for {model}", 15)
    return Group("cases", f"{model} case", (clear, (f"CASE-{code}-{short}", f"{name} for {model}", euro)))


def _protectors(line: PhoneLine, model: str, code: str) -> Group:
    goods = [(f"GLS-{code}", f"Screen protector for {model}", 12)]
    if line.name in {"Aurora", "Atlas"}:
        goods.append((f"GLS-{code}-PRV", f"Privacy screen protector for {model}", 22))
    return Group("protectors", f"{model} screen protector", tuple(goods))


def _counted() -> Iterator[Item]:
    for group in GOODS:
        for tier, good in enumerate(group.goods, 1):
            yield Item(_product(group.category, group.family, good, tier=tier))


def _services() -> Iterator[Item]:
    for group in SERVICES:
        ranked = group.category != "repairs"
        for tier, good in enumerate(group.goods, 1):
            yield Item(_product(group.category, group.family, good, tier=tier if ranked else None))
    for line in PHONE_LINES:
        dear = line.euros[-1]
        for code, name, share in (("SCR", "Screen", 5), ("BAT", "Battery", 10)):
            good = (f"REP-{code}-{line.code}", f"{name} repair {line.name}", 29 + dear // share)
            yield Item(_product("repairs", None, good), line.name)
    yield Item(Product("", *ON_REQUEST, family="Business plan", category="plans", tier=3))


def _product(
    category: str, family: str | None, good: tuple[str, str, int], *, tier: int | None = None
) -> Product:
    sku, name, euro = good
    prices = tuple(_price(euro, currency) for currency in STEPS)
    return Product("", sku, name, family=family, category=category, tier=tier, prices=prices)


def _price(euro: int, currency: str) -> Money:
    rate, off = STEPS[currency]
    step = 10 if off else 1
    amount = Decimal(step * round(euro * rate / step) - off)
    return Money(amount.quantize(Decimal("0.01")), currency)


def _finished(item: Item, number: int, today: datetime) -> Item:
    sku = item.product.sku
    product = replace(
        item.product,
        ref=f"P{number:03d}",
        active=sku not in RETIRED,
        stock=_stock(item.product),
        description=_description(item.product),
        updated_at=today,
    )
    return replace(item, product=product)


def _stock(product: Product) -> int | None:
    if product.category in {"plans", "insurance", "repairs"}:
        return None
    return 0 if product.sku in SOLD_OUT + RETIRED else 3 + crc32(product.sku.encode()) % 120


def _description(product: Product) -> str:
    return f"{product.name}. Category: {product.category}."
