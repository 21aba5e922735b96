"""What a company's account holds, and the seed's records as it keeps them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.store import Row, Table
from crm_adapters.model import Company, Customer, Money, OpenDeal, Order, OrderLine, OrderStatus, Product

LANGUAGE, COUNTRY, SHOP, STORE, OFFERS = (letter * 40 for letter in "abcde")
"""Of persons: fields that an account makes have such names."""
FAMILY, DOMAIN, LAND, INDUSTRY, SIZE = (letter * 40 for letter in "12345")
OFFER_CHOICES = {"Yes": 31, "No": 32}
STATUSES = {OrderStatus.WON: "won", OrderStatus.OPEN: "open"}
FIRST_IDS = {"persons": 501, "organizations": 71, "products": 11, "deals": 900, "lines": 3_001, "notes": 88}
PERSON_FIELDS: tuple[tuple[str, str, str, dict[str, int]], ...] = (
    ("name", "Name", "varchar", {}),
    ("first_name", "First name", "varchar", {}),
    ("last_name", "Last name", "varchar", {}),
    ("emails", "Email", "varchar", {}),
    ("phones", "Phone", "phone", {}),
    ("org_id", "Organization", "org", {}),
    ("update_time", "Update time", "date", {}),
    (LANGUAGE, "Language", "varchar", {}),
    (COUNTRY, "Country", "varchar", {}),
    (SHOP, "Shop number", "varchar", {}),
    (STORE, "Store", "enum", {"Porto": 41, "Lisboa": 42}),
    (OFFERS, "Offers", "enum", OFFER_CHOICES),
)
DEAL_FIELDS: tuple[tuple[str, str, str, dict[str, int]], ...] = (
    ("title", "Title", "varchar", {}),
    ("status", "Status", "status", {}),
    ("person_id", "Person", "people", {}),
)


class Account:
    def __init__(self, now: Callable[[], datetime], lag: timedelta) -> None:
        self.now = now
        self.tables = {kind: Table(now, lag, map(str, count(first))) for kind, first in FIRST_IDS.items()}
        self.categories: dict[str, int] = {}

    def keep(self, kind: str, ref: str, values: dict[str, Any]) -> str:
        table = self.tables[kind]
        row = table.get(ref)
        return table.change(row, values).id if row else table.add(values).id

    def put(self, record: Record) -> str:
        """Cases and relations have no place in it."""
        match record:
            case Customer():
                return self.keep("persons", record.ref, _person(record))
            case Company():
                return self.keep("organizations", record.ref, _organization(record))
            case Product():
                return self.keep("products", record.ref, self._product(record))
            case Order():
                return self._put_deal(record, _order(record))
            case OpenDeal():
                return self._put_deal(record, _deal(record))
        return f"none-{type(record).__name__}-{id(record)}"

    def lines_of(self, deal: str) -> list[Row]:
        return [row for row in self.tables["lines"].live() if row.values["deal_id"] == int(deal)]

    def _product(self, product: Product) -> dict[str, Any]:
        """§5: the category is a choice, by number."""
        category = product.category and self.categories.setdefault(
            product.category, len(self.categories) + 51
        )
        prices = [{"price": float(one.amount), "currency": one.currency, "cost": 0} for one in product.prices]
        return {
            "name": product.name,
            "code": product.sku,
            "description": product.description,
            "category": category,
            "is_linkable": product.active,
            "prices": prices,
            "custom_fields": {FAMILY: product.family},
        }

    def _put_deal(self, record: Order | OpenDeal, values: dict[str, Any]) -> str:
        new = self.tables["deals"].get(record.ref) is None
        ref = self.keep("deals", record.ref, values)
        for line in record.lines if new else ():
            self.tables["lines"].add({"deal_id": int(ref), **_line(line)})
        return ref


def show(moment: datetime) -> str:
    """§4: whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def split(name: str) -> dict[str, str]:
    """§2: Pipedrive makes both parts of the whole by itself."""
    first, _, last = name.partition(" ")
    return {"name": name, "first_name": first, "last_name": last}


def _person(customer: Customer) -> dict[str, Any]:
    offers = [consent.granted for consent in customer.consents if consent.purpose == "offers"]
    return {
        "name": customer.name or f"{customer.given_name} {customer.family_name}".strip(),
        "first_name": customer.given_name,
        "last_name": customer.family_name,
        "emails": _labelled([email.value for email in customer.emails]),
        "phones": _labelled([phone.raw for phone in customer.phones]),
        "org_id": int(customer.company_ref) if customer.company_ref else None,
        "custom_fields": {
            LANGUAGE: customer.language,
            COUNTRY: customer.country,
            SHOP: customer.declared_ids.get("shop"),
            STORE: None,
            OFFERS: OFFER_CHOICES["Yes" if all(offers) else "No"] if offers else None,
        },
    }


def _labelled(values: list[str]) -> list[dict[str, Any]]:
    return [{"value": value, "primary": place == 0, "label": "work"} for place, value in enumerate(values)]


def _organization(company: Company) -> dict[str, Any]:
    custom = {
        DOMAIN: company.domain,
        LAND: company.country,
        INDUSTRY: company.industry,
        SIZE: company.employees,
    }
    return {"name": company.name, "address": None, "custom_fields": custom}


def _order(order: Order) -> dict[str, Any]:
    status = STATUSES.get(order.status, "lost")
    closed = {"won_time": None, "lost_time": None} | (
        {f"{status}_time": show(order.placed_at)} if status != "open" else {}
    )
    values = {"title": f"Deal {order.number}".strip(), "value": None, "currency": _currency(order.lines)}
    return values | {"status": status, "person_id": _number(order.customer_ref)} | closed


def _deal(deal: OpenDeal) -> dict[str, Any]:
    return {
        "title": deal.name,
        "status": "open",
        "value": float(deal.amount.amount) if deal.amount else None,
        "currency": deal.amount.currency if deal.amount else _currency(deal.lines),
        "person_id": _number(deal.customer_ref),
    }


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "product_id": _number(line.product_ref),
        "name": line.name,
        "quantity": float(line.quantity),
        "item_price": float(line.unit_price.amount) if line.unit_price else None,
        "currency": line.unit_price.currency if line.unit_price else None,
        "comments": None,
    }


def _number(ref: str | None) -> int | None:
    return int(ref) if ref else None


def _currency(lines: tuple[OrderLine, ...]) -> str:
    prices: list[Money] = [line.unit_price for line in lines if line.unit_price]
    return prices[0].currency if prices else "EUR"
