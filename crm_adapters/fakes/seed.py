"""A small shop that every fake can be filled with, and whose people and orders have been chosen to be difficult.

References here are its own; each fake gives its own in return.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from crm_adapters.model import (
    Case,
    Company,
    Consent,
    Customer,
    DealKind,
    Email,
    Money,
    OpenDeal,
    Order,
    OrderLine,
    OrderStatus,
    Phone,
    Product,
    ProductRelation,
)

Record = Product | Customer | Order | Case | Company | OpenDeal | ProductRelation

MARKER = "Qzx7"
"""In every name, address and subject: none of it may be seen in a log or an error."""
LONG_AGO = datetime(2025, 6, 1, 8, 0, tzinfo=UTC)
SPRING = datetime(2025, 3, 30, 1, 30, tzinfo=UTC)
"""Half an hour after clocks went forward in Europe: a local time read as UTC, or the other way round, shows."""
AUTUMN = datetime(2025, 10, 26, 2, 30, tzinfo=UTC)

ANA = Customer(
    ref="ana",
    name=f"Ána Núñez-Ōta {MARKER}",
    given_name="Ána",
    family_name=f"Núñez-Ōta {MARKER}",
    emails=(Email(f"ana.{MARKER}@example.com".lower()),),
    phones=(Phone("(11) 99123-4567", "+5511991234567"),),
    language="pt-BR",
    country="BR",
    company=f"Ōta & Filhas {MARKER}",
    company_ref="acme",
    declared_ids={"shop": f"{MARKER}-8841"},
    consents=(Consent("offers", granted=True),),
)
TWINS = tuple(
    Customer(
        ref=f"twin{number}",
        name=f"{given} Larsen {MARKER}",
        given_name=given,
        family_name=f"Larsen {MARKER}",
        emails=(Email(f"both.{MARKER}@example.com".lower()),),
        phones=(Phone("+45 32 12 34 56", "+4532123456"),),
        country="DK",
    )
    for number, given in enumerate(("Bo", "Bea"), 1)
)
DECOYS = (
    Customer(
        ref="decoy1",
        name=f"Decoy One {MARKER}",
        given_name="Decoy One",
        family_name=MARKER,
        emails=(Email(f"x{ANA.emails[0].value}"),),
        phones=(Phone("(21) 99123-4567", "+5521991234567"),),
        country="BR",
    ),
    Customer(
        ref="decoy2",
        name=f"Decoy Two {MARKER}",
        given_name="Decoy Two",
        family_name=MARKER,
        emails=(Email(f"{ANA.emails[0].value}.example"),),
        phones=(Phone("+1 199 123 4567", "+11991234567"),),
        country="US",
    ),
)
"""Whose addresses hold Ana's, and whose telephones end like hers: what a search for a part finds too."""
ODD_ADDRESSES = ("a_b", "axb", "o'brien", "ana+shop", "100%", "100x", "c\\d", "star*", "stars")
"""What stands before the @: each is some search's wildcard, quotation mark or escape, or what such would match."""
ODD = tuple(
    Customer(
        ref=f"odd{number}",
        name=f"Odd {number} {MARKER}",
        given_name=f"Odd {number}",
        family_name=MARKER,
        emails=(Email(f"{local}@{MARKER}.example.com".lower()),),
        country="ES",
    )
    for number, local in enumerate(ODD_ADDRESSES)
)
BARE = Customer(ref="bare", name=f"Noé {MARKER}", family_name=f"Noé {MARKER}")
"""Of whom nothing else is known."""
MANY = tuple(
    Customer(
        ref=f"many{number}", name=f"Many {number}", given_name="Many", family_name=str(number), country="US"
    )
    for number in range(12)
)
OBJECTOR = Customer(
    ref="objector",
    name=f"Olav Objector {MARKER}",
    given_name="Olav",
    family_name=f"Objector {MARKER}",
    consents=(Consent("offers", granted=False),),
)
ACME = Company(
    "acme",
    f"Ōta & Filhas {MARKER}",
    domain="ota.example.com",
    country="BR",
    industry="RETAIL",
    employees=12,
)

PHONE = Product(
    "phone",
    "PHONE-1",
    "Aurora 6 · 128 GB",
    family="Aurora",
    category="phones",
    prices=(Money(Decimal("500.00"), "EUR"), Money(Decimal("549.00"), "USD")),
    stock=7,
)
BETTER = Product(
    "better",
    "PHONE-2",
    "Aurora 6 · 256 GB",
    family="Aurora",
    category="phones",
    prices=(Money(Decimal("560.50"), "EUR"),),
    stock=0,
)
CASE = Product("case", "CASE-1", "Capa “couro”", category="cases", prices=(Money(Decimal("29.90"), "EUR"),))
GIFT = Product("gift", "GIFT-0", "Gift wrap", prices=(Money(Decimal("0.00"), "EUR"),))
ON_REQUEST = Product("request", "FLEET", "Fleet plan, price on request")
RETIRED = Product("retired", "OLD-1", "Aurora 1", prices=(Money(Decimal("99.00"), "EUR"),), active=False)
PRODUCTS = (PHONE, BETTER, CASE, GIFT, ON_REQUEST, RETIRED)


def _line(
    number: int, product: Product | None, quantity: int, amount: str, currency: str = "EUR"
) -> OrderLine:
    name = product.name if product else "Delivered by hand"
    price = Money(Decimal(amount), currency)
    return OrderLine(str(number), product.ref if product else None, name, Decimal(quantity), price)


ORDERS = (
    Order(
        "spring", "ana", SPRING, OrderStatus.WON, (_line(1, PHONE, 1, "500.00"), _line(2, CASE, 2, "25.50"))
    ),
    Order("written", "ana", SPRING + timedelta(days=40), OrderStatus.WON, (_line(1, None, 1, "12.00"),)),
    Order(
        "dollars", "ana", SPRING + timedelta(days=80), OrderStatus.WON, (_line(1, PHONE, 1, "549.00", "USD"),)
    ),
    Order(
        "cancelled", "ana", SPRING + timedelta(days=90), OrderStatus.CANCELLED, (_line(1, CASE, 1, "29.90"),)
    ),
    Order("autumn", "ana", AUTUMN, OrderStatus.WON, (_line(1, BETTER, 1, "560.50"),)),
    Order("twins", "twin1", SPRING + timedelta(days=41), OrderStatus.WON, (_line(1, CASE, 1, "29.90"),)),
)
CASES = (
    Case("late", "ana", f"Late again {MARKER}", complaint=True, open=True, opened_at=AUTUMN),
    Case("asked", "ana", f"A question {MARKER}", complaint=False, open=False, opened_at=SPRING),
)
RELATIONS = (
    ProductRelation("phone", "case", "cross_sell"),
    ProductRelation("phone", "better", "upsell"),
)
DEALS = (
    OpenDeal(
        "deal",
        DealKind.DEAL,
        f"New phones {MARKER}",
        "ana",
        amount=Money(Decimal("500.00"), "EUR"),
        lines=(_line(1, PHONE, 1, "500.00"),),
    ),
)


@dataclass(frozen=True, slots=True)
class Seed:
    companies: tuple[Company, ...] = (ACME,)
    products: tuple[Product, ...] = PRODUCTS
    customers: tuple[Customer, ...] = (ANA, *TWINS, *DECOYS, *ODD, BARE, OBJECTOR, *MANY)
    relations: tuple[ProductRelation, ...] = RELATIONS
    orders: tuple[Order, ...] = ORDERS
    cases: tuple[Case, ...] = CASES
    deals: tuple[OpenDeal, ...] = DEALS

    def records(self) -> Iterator[Record]:
        """Each after what it refers to."""
        yield from self.companies
        yield from self.products
        yield from self.customers
        yield from self.relations
        yield from self.orders
        yield from self.cases
        yield from self.deals


def rename(record: Record, refs: Mapping[str, str]) -> Record:
    """With a CRM's references in place of the seed's; its own is left out."""
    match record:
        case ProductRelation():
            return replace(record, product_ref=refs[record.product_ref], related_ref=refs[record.related_ref])
        case Customer():
            company = refs[record.company_ref] if record.company_ref else None
            return replace(record, ref="", company_ref=company)
        case Order() | OpenDeal():
            lines = tuple(
                replace(line, product_ref=refs[line.product_ref] if line.product_ref else None)
                for line in record.lines
            )
            return replace(record, ref="", customer_ref=refs[record.customer_ref], lines=lines)
        case Case():
            return replace(record, ref="", customer_ref=refs[record.customer_ref])
    return replace(record, ref="")
