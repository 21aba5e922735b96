"""What an organisation holds, and the seed's records as it keeps them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.store import Row, Table
from crm_adapters.locales import name_country
from crm_adapters.model import Company, Customer, Money, OpenDeal, Order, OrderLine, OrderStatus, Product

CURRENCY = "EUR"
FIRST_ID = 4_150_868_000_000_624_001
"""§1: ids are longer than a float can tell apart."""
STATUSES = {OrderStatus.WON: "Delivered", OrderStatus.OPEN: "Created"}
FIELDS: dict[str, dict[str, str]] = {
    "Contacts": {
        "First_Name": "text", "Last_Name": "text", "Full_Name": "text", "Email": "email",
        "Secondary_Email": "email", "Phone": "phone", "Mobile": "phone", "Account_Name": "lookup",
        "Email_Opt_Out": "boolean", "Mailing_Country": "text", "Language": "text", "Shop_Number": "text",
        "Store": "text", "Offers": "boolean", "Created_Time": "datetime", "Modified_Time": "datetime",
    },
    "Accounts": {
        "Account_Name": "text", "Website": "website", "Billing_Country": "text", "Industry": "picklist",
        "Employees": "integer", "Annual_Revenue": "currency", "Modified_Time": "datetime",
    },
    "Products": {
        "Product_Name": "text", "Product_Code": "text", "Unit_Price": "currency", "Product_Active": "boolean",
        "Product_Category": "picklist", "Qty_in_Stock": "double", "Description": "textarea", "Line": "text",
        "Modified_Time": "datetime",
    },
    "Sales_Orders": {
        "Subject": "text", "Status": "picklist", "Contact_Name": "lookup", "Currency": "picklist",
        "Ordered": "datetime", "Created_Time": "datetime", "Modified_Time": "datetime",
    },
    "Quotes": {
        "Subject": "text", "Quote_Stage": "picklist", "Contact_Name": "lookup", "Currency": "picklist",
        "Grand_Total": "currency", "Created_Time": "datetime", "Modified_Time": "datetime",
    },
    "Ordered_Items": {}, "Quoted_Items": {}, "Notes": {},
}  # fmt: skip
LINE_FIELDS = dict.fromkeys(
    ("Product_Name", "Product_Name.Product_Name", "Description", "Quantity", "List_Price", "Parent_Id"), ""
)
FIELDS |= dict.fromkeys(("Ordered_Items", "Quoted_Items"), LINE_FIELDS)
LINES = {"Sales_Orders": "Ordered_Items", "Quotes": "Quoted_Items"}


class Organisation:
    def __init__(self, now: Callable[[], datetime], lag: timedelta) -> None:
        self.now = now
        ids = map(str, count(FIRST_ID))
        self.tables = {module: Table(now, lag, ids) for module in FIELDS}

    def put(self, record: Record) -> str:
        """Cases and relations have no place in it here."""
        match record:
            case Customer():
                return self.keep("Contacts", record.ref, _contact(record))
            case Company():
                return self.keep("Accounts", record.ref, _account(record))
            case Product():
                return self.keep("Products", record.ref, _product(record))
            case Order():
                return self._put_sale("Sales_Orders", record, _order(record))
            case OpenDeal():
                return self._put_sale("Quotes", record, _quote(record))
        return f"none-{type(record).__name__}-{id(record)}"

    def keep(self, module: str, ref: str, values: dict[str, Any]) -> str:
        table = self.tables[module]
        row = table.get(ref)
        return table.change(row, values).id if row else table.add(values).id

    def add_line(self, module: str, parent: str, values: dict[str, Any]) -> Row:
        return self.tables[LINES[module]].add({**values, "Parent_Id": {"id": parent}})

    def lines_of(self, module: str, parent: str) -> list[Row]:
        rows = self.tables[LINES[module]].live()
        return [row for row in rows if row.values["Parent_Id"]["id"] == parent]

    def show(self, module: str, row: Row) -> dict[str, Any]:
        """§2: moments have an offset; what is empty is null."""
        shown = {name: row.values.get(name) for name in FIELDS[module]} | row.values
        times = {"Created_Time": show(row.created_at), "Modified_Time": show(row.modified_at)}
        shown |= {"id": row.id, **times}
        if module in LINES.values():
            product = self.tables["Products"].rows.get((row.values["Product_Name"] or {}).get("id", ""))
            shown["Product_Name.Product_Name"] = product.values["Product_Name"] if product else None
        return shown

    def _put_sale(self, module: str, record: Order | OpenDeal, values: dict[str, Any]) -> str:
        new = self.tables[module].get(record.ref) is None
        ref = self.keep(module, record.ref, values)
        for line in record.lines if new else ():
            self.add_line(module, ref, _line(line))
        return ref


def show(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _contact(customer: Customer) -> dict[str, Any]:
    emails = [email.value for email in customer.emails] + [None, None]
    written = [phone.raw for phone in customer.phones] + [None, None]
    offers = [consent.granted for consent in customer.consents if consent.purpose == "offers"]
    return {
        "First_Name": customer.given_name or None,
        "Last_Name": customer.family_name,
        "Full_Name": f"{customer.given_name} {customer.family_name}".strip(),
        "Email": emails[0],
        "Secondary_Email": emails[1],
        "Phone": written[0],
        "Mobile": written[1],
        "Account_Name": {"id": customer.company_ref} if customer.company_ref else None,
        "Email_Opt_Out": False,
        "Mailing_Country": name_country(customer.country or ""),
        "Language": customer.language,
        "Shop_Number": customer.declared_ids.get("shop"),
        "Offers": all(offers) if offers else None,
    }


def _account(company: Company) -> dict[str, Any]:
    return {
        "Account_Name": company.name,
        "Website": company.domain,
        "Billing_Country": name_country(company.country or ""),
        "Industry": company.industry,
        "Employees": company.employees,
    }


def _product(product: Product) -> dict[str, Any]:
    return {
        "Product_Name": product.name,
        "Product_Code": product.sku,
        "Unit_Price": float(product.prices[0].amount) if product.prices else None,
        "Product_Active": product.active,
        "Product_Category": product.category,
        "Qty_in_Stock": product.stock,
        "Description": product.description,
        "Line": product.family,
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "Subject": f"Order {order.number}".strip(),
        "Status": STATUSES.get(order.status, "Cancelled"),
        "Contact_Name": {"id": order.customer_ref},
        "Currency": _currency(order.lines),
        "Ordered": show(order.placed_at),
    }


def _quote(deal: OpenDeal) -> dict[str, Any]:
    return {
        "Subject": deal.name,
        "Quote_Stage": "Negotiation",
        "Contact_Name": {"id": deal.customer_ref},
        "Currency": deal.amount.currency if deal.amount else _currency(deal.lines),
        "Grand_Total": float(deal.amount.amount) if deal.amount else None,
    }


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "Product_Name": {"id": line.product_ref} if line.product_ref else None,
        "Description": None if line.product_ref else line.name,
        "Quantity": float(line.quantity),
        "List_Price": float(line.unit_price.amount) if line.unit_price else None,
    }


def _currency(lines: tuple[OrderLine, ...]) -> str:
    prices: list[Money] = [line.unit_price for line in lines if line.unit_price]
    return prices[0].currency if prices else CURRENCY
