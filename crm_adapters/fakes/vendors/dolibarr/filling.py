"""The seed's records as a Dolibarr keeps them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.store import Values
from crm_adapters.fakes.vendors.dolibarr.office import CURRENCY, Office, midnight, seconds
from crm_adapters.model import (
    Case,
    Company,
    Customer,
    OpenDeal,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    ProductRelation,
)

STATUSES = {OrderStatus.WON: "3", OrderStatus.OPEN: "0", OrderStatus.CANCELLED: "-1"}
ATTRIBUTES = ("options_shop_number", "options_offers_ok", "options_store")
"""Of every third party, whether they hold something or not (source)."""
RATE = Decimal("1.25")
"""Of every other currency; without one that does not end, so that nothing is rounded."""


def put(office: Office, record: Record) -> str:
    if isinstance(record, ProductRelation):
        office.associated.append((record.product_ref, record.related_ref, "0"))
        return ""
    match record:
        case Customer():
            return _put_customer(office, record)
        case Product():
            return _put_product(office, record)
        case Order() | OpenDeal():
            return _put_document(office, record)
        case Company():
            return keep(office, "thirdparties", record.ref, _company(record))
    return keep(office, "tickets", record.ref, _ticket(record))


def keep(office: Office, name: str, ref: str, values: Values) -> str:
    table = office.tables[name]
    row = table.get(ref)
    return (table.change(row, values) if row else table.add(values)).id


def _put_customer(office: Office, customer: Customer) -> str:
    """With a contact of the same name, as Dolibarr itself makes for a private person."""
    ref = keep(office, "thirdparties", customer.ref, _customer(customer))
    person = {"socid": ref, "firstname": customer.given_name, "lastname": customer.family_name, "statut": "1"}
    known = office.contacts_of(ref)
    keep(office, "contacts", known[0].id if known else "", person)
    return ref


def _customer(customer: Customer) -> Values:
    offers = [consent.granted for consent in customer.consents if consent.purpose == "offers"]
    values = (
        customer.declared_ids.get("shop"),
        ("1" if all(offers) else "0") if offers else None,
        customer.custom.get("store"),
    )
    return {
        "name": customer.name,
        "client": "1",
        "typent_code": "TE_PRIVATE",
        "parent": customer.company_ref,
        "email": customer.emails[0].value if customer.emails else None,
        "phone": customer.phones[0].raw if customer.phones else None,
        "default_lang": (customer.language or "").replace("-", "_"),
        "country_code": customer.country or "",
        "array_options": dict(zip(ATTRIBUTES, values, strict=True)),
    }


def _company(company: Company) -> Values:
    """Neither customer nor prospect."""
    return {
        "name": company.name,
        "client": "0",
        "typent_code": "TE_SMALL",
        "url": company.domain,
        "country_code": company.country or "",
        "array_options": dict.fromkeys(ATTRIBUTES),
    }


def _put_product(office: Office, product: Product) -> str:
    ref = keep(office, "products", product.ref, _product(product))
    if product.category:
        categories = office.tables["categories"]
        known = (row.id for row in categories.live() if row.values["label"] == product.category)
        found = next(known, None) or categories.add({"label": product.category, "type": "0"}).id
        office.members.add((ref, found))
    return ref


def _product(product: Product) -> Values:
    """One price, and 0 for none; a stock that never moved is null."""
    price = next((one.amount for one in product.prices if one.currency == CURRENCY), Decimal(0))
    return {
        "ref": product.sku,
        "label": product.name,
        "description": product.description,
        "type": "0",
        "price": f"{price:.8f}",
        "tva_tx": "21.000",
        "status": "1" if product.active else "0",
        "stock_reel": product.stock,
        "array_options": {"options_line": product.family},
    }


def _put_document(office: Office, record: Order | OpenDeal) -> str:
    """A draft of a proposal has a provisional number."""
    values = {"socid": record.customer_ref, "statut": "0", **documented(office, record.lines)}
    if isinstance(record, OpenDeal):
        ref = keep(office, "proposals", record.ref, values | {"ref_client": record.name})
        return keep(office, "proposals", ref, {"ref": f"(PROV{ref})"})
    values |= {"statut": STATUSES.get(record.status, "0"), **dated(record.placed_at)}
    ref = keep(office, "orders", record.ref, values)
    return keep(office, "orders", ref, {"ref": f"CO2501-{ref}"})


def dated(moment: datetime) -> Values:
    """Entered when it was made; its own date is a day only (source)."""
    return {"date": midnight(moment), "date_creation": seconds(moment)}


def documented(office: Office, lines: Sequence[OrderLine]) -> Values:
    code = next((line.unit_price.currency for line in lines if line.unit_price), CURRENCY)
    rate = Decimal(1) if code == CURRENCY else RATE
    shown = [_line(office, line, rate) for line in lines]
    return {"multicurrency_code": code, "multicurrency_tx": f"{rate:.8f}", "lines": shown, **totals(shown)}


def _line(office: Office, line: OrderLine, rate: Decimal) -> Values:
    price = line.unit_price.amount if line.unit_price else Decimal(0)
    return make_line(
        office,
        fk_product=line.product_ref,
        product_label=line.name if line.product_ref else None,
        desc="" if line.product_ref else line.name,
        qty=f"{line.quantity:f}",
        subprice=price / rate,
        multicurrency_subprice=price,
    )


def make_line(office: Office, *, subprice: Decimal, multicurrency_subprice: Decimal, **values: Any) -> Values:
    return {
        "id": str(next(office.line_ids)),
        "product_type": "0",
        "remise_percent": "0",
        "subprice": f"{subprice:.8f}",
        "multicurrency_subprice": f"{multicurrency_subprice:.8f}",
        **values,
    }


def totals(lines: Sequence[Values]) -> Values:
    names = {"total_ht": "subprice", "multicurrency_total_ht": "multicurrency_subprice"}
    return {
        total: str(sum((Decimal(line["qty"]) * Decimal(line[price]) for line in lines), Decimal(0)))
        for total, price in names.items()
    }


def _ticket(case: Case) -> Values:
    return {
        "fk_soc": case.customer_ref,
        "subject": case.subject,
        "type_code": "ISSUE" if case.complaint else "REQUEST",
        "fk_statut": "1" if case.open else "8",
        "datec": seconds(case.opened_at),
    }
