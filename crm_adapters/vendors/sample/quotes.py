"""Open quotes of the customers made by hand: some have one, some several."""

from dataclasses import replace
from datetime import datetime

from crm_adapters.model import DealKind, OpenDeal
from crm_adapters.vendors.sample.catalogue import Catalogue
from crm_adapters.vendors.sample.deals import total
from crm_adapters.vendors.sample.demo import demo_sale
from crm_adapters.vendors.sample.orders import make_order

FIRST_NUMBER = 301

_ASKED = (
    ("C-0001", 6, "sent", "ORB-3 STR-NYL"),
    ("C-0002", 2, "draft", "BRE4-128"),
    ("C-0009", 41, "sent", "ATL9-128*6"),
    ("C-0009", 9, "draft", "CHG-65*6"),
    ("C-0010", 1, "sent", "SLK-2"),
    ("C-0010", 12, "draft", "KID-2"),
)
"""Customer, days before the reference date, stage, and the basket as SKUs with their quantities."""


def demo_quotes(catalogue: Catalogue, today: datetime) -> list[OpenDeal]:
    found = []
    for number, (customer_ref, days_ago, stage, basket) in enumerate(_ASKED, FIRST_NUMBER):
        sale = demo_sale(customer_ref, days_ago, basket, today)
        ref = f"Q-{number:04d}"
        order = make_order(sale, catalogue, number, today=today)
        lines = tuple(replace(line, ref=f"{ref}-{place}") for place, line in enumerate(order.lines, 1))
        quote = OpenDeal(ref, DealKind.QUOTE, ref, customer_ref, stage, total(lines, sale.currency), lines)
        found.append(replace(quote, updated_at=sale.placed_at))
    return found
