"""A shop of laptops and kettles on a Tryton that was just founded, by its own JSON-RPC, many records at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.real.tryton.client import Client

SHELF = (
    ("LAPTOP", "Laptop 13 inch", "999.00", "laptops"),
    ("DOCK", "USB-C dock", "149.00", "docks"),
    ("MOUSE", "Mouse", "29.90", "mice"),
    ("KETTLE", "Kettle", "39.00", "kettles"),
)
IN_STOCK = 500.0
OTHERS = 60
"""Customers beside those with a name of their own; every third buys a laptop."""
DAYS = 90
"""How long ago the first sale was."""
RULES_LOOK_BACK = {"__class__": "timedelta", "seconds": 86_400.0 * 365}


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    phone: str = ""


ANA = Person("Ana Ruiz", "ana.ruiz@example.com", "+34 600 100 101")
BRUNO = Person("Bruno Petit", "bruno.petit@example.com", "+34 600 100 102")


def fill(client: Client) -> None:
    """Ana and Bruno have a laptop and nothing that goes with it."""
    products = _add_products(client)
    others = [Person(f"Customer {number}", f"customer{number}@example.com") for number in range(OTHERS)]
    parties = add_people(client, [ANA, BRUNO, *others])
    baskets = [["LAPTOP"], ["LAPTOP"], *(_choose(number) for number in range(OTHERS))]
    _sell(client, parties, [[products[code] for code in basket] for basket in baskets])
    _find_rules(client)


def add_people(client: Client, people: Sequence[Person]) -> list[int]:
    """Without addresses, which would cost as much again."""
    return client.create("party.party", *map(_party, people))


def _party(person: Person) -> dict[str, Any]:
    ways = [{"type": "email", "value": person.email}]
    ways += [{"type": "phone", "value": person.phone}] if person.phone else []
    return {
        "name": person.name,
        "contact_mechanisms": [["create", ways]],
    }


def _choose(number: int) -> list[str]:
    """Whoever buys a laptop takes a dock along, or a mouse, or both."""
    extras = {0: ["DOCK"], 1: ["MOUSE"], 2: ["DOCK", "MOUSE"]}
    return ["KETTLE"] if number % 3 else ["LAPTOP", *extras[number // 3 % 3]]


def _add_products(client: Client) -> dict[str, int]:
    """By code; goods of which there are none in stock are not offered."""
    unit = client.find_id("product.uom", "symbol", "u")
    names = sorted({category for *_, category in SHELF})
    categories = dict(
        zip(names, client.create("product.category", *({"name": name} for name in names)), strict=True)
    )
    for code, name, price, category in SHELF:
        template = {
            "name": name,
            "type": "goods",
            "default_uom": unit,
            "sale_uom": unit,
            "salable": True,
            "list_price": Decimal(price),
            "categories": [["add", [categories[category]]]],
            "products": [["create", [{"suffix_code": code}]]],
        }
        client.create("product.template", template)
    found = {row["code"]: row["id"] for row in client.find("product.product", [], "code")}
    _stock(client, list(found.values()), unit)
    return found


def _stock(client: Client, products: Sequence[int], unit: int) -> None:
    lost = client.find_id("stock.location", "type", "lost_found")
    (warehouse,) = client.find("stock.location", [("type", "=", "warehouse")], "storage_location")
    move = {"from_location": lost, "to_location": warehouse["storage_location"], "unit": unit}
    moves = ({**move, "product": product, "quantity": IN_STOCK} for product in products)
    client.run("stock.move", "do", client.create("stock.move", *moves))


def _sell(client: Client, parties: Sequence[int], baskets: Sequence[Sequence[int]]) -> None:
    """One basket each, over the last months; confirmed, which is what makes a sale of a draft."""
    rows = client.find("product.product", [], "list_price_used", "sale_uom")
    priced = {row["id"]: row for row in rows}
    country = client.find_id("country.country", "code", "ES")
    made = client.create("party.address", *({"party": party, "country": country} for party in parties))
    addresses = dict(zip(parties, made, strict=True))
    warehouse = client.find_id("stock.location", "type", "warehouse")
    today = datetime.now(UTC).date()
    sales = [
        {
            "party": party,
            "invoice_address": addresses[party],
            "shipment_address": addresses[party],
            "warehouse": warehouse,
            "invoice_method": "manual",
            "shipment_method": "manual",
            "sale_date": today - timedelta(days=1 + number % DAYS),
            "lines": [["create", [_line(priced[product]) for product in basket]]],
        }
        for number, (party, basket) in enumerate(zip(parties, baskets, strict=True))
    ]
    made = client.create("sale.sale", *sales)
    client.run("sale.sale", "quote", made)
    client.run("sale.sale", "confirm", made)


def _line(product: dict[str, Any]) -> dict[str, Any]:
    price, unit = product["list_price_used"], product["sale_uom"]
    return {"product": product["id"], "quantity": 1.0, "unit": unit, "unit_price": price}


def _find_rules(client: Client) -> None:
    """What Tryton itself learns from the sales, as its scheduler does by night."""
    wanted = {
        "product_recommendation_method": "association_rule",
        "product_association_rule_transactions_up_to": RULES_LOOK_BACK,
        "product_association_rule_min_support": 0.05,
        "product_association_rule_min_confidence": 0.3,
    }
    (configuration,) = client.find("sale.configuration", [])
    client.run("sale.configuration", "write", [configuration["id"]], wanted)
    job = client.find_id("ir.cron", "method", "sale.product.association.rule|compute")
    client.run("ir.cron", "run_once", [job])
