"""The doctypes with their fields, as far as anybody asks for them here."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Field:
    type: str = "Data"
    options: str = ""
    """The doctype of a link or a table; the choices of a selection, one a line."""
    read_only: bool = False
    reqd: bool = False


def link(doctype: str) -> Field:
    return Field("Link", doctype)


def table(doctype: str) -> Field:
    return Field("Table", doctype)


def choice(*options: str) -> Field:
    return Field("Select", "\n".join(options))


TEXT, NUMBER, WHOLE, CHECK = Field(), Field("Float"), Field("Int"), Field("Check")
DATE, TIME = Field("Date"), Field("Time")
SHOWN = Field(read_only=True)
LINE = {
    "item_code": link("Item"), "item_name": TEXT, "description": Field("Text Editor"), "qty": NUMBER,
    "rate": Field("Currency"), "price_list_rate": Field("Currency", read_only=True),
    "amount": Field("Currency", read_only=True), "uom": link("UOM"),
}  # fmt: skip
DOCUMENT = {"currency": link("Currency"), "grand_total": Field("Currency", read_only=True), "status": SHOWN}
DOCTYPES: Mapping[str, Mapping[str, Field]] = {
    "Customer": {
        "customer_name": Field(reqd=True), "customer_type": choice("Company", "Individual", "Partnership"),
        "territory": link("Territory"), "language": link("Language"), "website": TEXT,
        "industry": link("Industry Type"), "disabled": CHECK, "customer_primary_contact": link("Contact"),
        "customer_primary_address": link("Address"), "email_id": Field("Read Only", read_only=True),
        "basic_info": Field("Section Break"), "custom_shop_number": TEXT, "custom_store": TEXT,
        "custom_visits": WHOLE, "custom_offers": choice("granted", "objected"), "custom_employees": WHOLE,
        "custom_vip": CHECK, "custom_since": DATE,
    },
    "Contact": {
        "first_name": TEXT, "last_name": TEXT, "company_name": TEXT, "unsubscribed": CHECK,
        "is_primary_contact": CHECK, "email_id": SHOWN, "phone": SHOWN, "email_ids": table("Contact Email"),
        "phone_nos": table("Contact Phone"), "links": table("Dynamic Link"),
    },
    "Contact Email": {"email_id": TEXT, "is_primary": CHECK},
    "Contact Phone": {"phone": TEXT, "is_primary_phone": CHECK},
    "Dynamic Link": {"link_doctype": link("DocType"), "link_name": Field("Dynamic Link", "link_doctype")},
    "Address": {
        "country": link("Country"), "is_primary_address": CHECK, "disabled": CHECK, "links": table("Dynamic Link"),
    },
    "Item": {
        "item_name": TEXT, "item_group": link("Item Group"), "description": Field("Text Editor"), "disabled": CHECK,
        "is_sales_item": CHECK, "has_variants": CHECK, "variant_of": link("Item"), "is_stock_item": CHECK,
        "stock_uom": link("UOM"),
    },
    "Item Price": {
        "item_code": link("Item"), "price_list": link("Price List"), "price_list_rate": Field("Currency"),
        "currency": link("Currency"), "uom": link("UOM"), "customer": link("Customer"), "batch_no": TEXT,
        "valid_from": DATE, "valid_upto": DATE, "selling": CHECK,
    },
    "Bin": {"item_code": link("Item"), "warehouse": TEXT, "actual_qty": NUMBER, "reserved_qty": NUMBER},
    "Item Alternative": {"item_code": link("Item"), "alternative_item_code": link("Item"), "two_way": CHECK},
    "Website Item": {"item_code": link("Item"), "recommended_items": table("Recommended Items")},
    "Recommended Items": {"item_code": link("Item")},
    "Sales Order": {
        "customer": link("Customer"), "transaction_date": DATE, "delivery_date": DATE, "per_delivered": NUMBER,
        "per_billed": NUMBER, "items": table("Sales Order Item"), **DOCUMENT,
    },
    "Sales Order Item": LINE,
    "Sales Invoice": {
        "customer": link("Customer"), "posting_date": DATE, "posting_time": TIME, "is_return": CHECK,
        "return_against": link("Sales Invoice"), "items": table("Sales Invoice Item"), **DOCUMENT,
    },
    "Sales Invoice Item": {**LINE, "sales_order": link("Sales Order")},
    "Quotation": {
        "quotation_to": link("DocType"), "party_name": Field("Dynamic Link", "quotation_to"),
        "selling_price_list": link("Price List"), "items": table("Quotation Item"), **DOCUMENT,
    },
    "Quotation Item": LINE,
    "Issue": {
        "customer": link("Customer"), "subject": TEXT,
        "status": choice("Open", "Replied", "On Hold", "Resolved", "Closed"), "issue_type": link("Issue Type"),
        "opening_date": DATE, "opening_time": TIME,
    },
    "Comment": {
        "comment_type": TEXT, "reference_doctype": link("DocType"),
        "reference_name": Field("Dynamic Link", "reference_doctype"), "content": Field("HTML Editor"),
        "comment_email": TEXT, "comment_by": TEXT,
    },
    "Deleted Document": {"deleted_doctype": TEXT, "deleted_name": TEXT, "data": Field("Code")},
    "Language": {},
}  # fmt: skip
SERIES = {
    "Sales Order": "SAL-ORD-2025-", "Sales Invoice": "ACC-SINV-2025-", "Quotation": "SAL-QTN-2025-",
    "Issue": "ISS-2025-", "Bin": "MAT-BIN-2025-", "Website Item": "WEB-ITM-",
}  # fmt: skip
"""Others bear ten letters that tell nothing, or are named for what they are about."""


@cache
def tables_of(doctype: str) -> Mapping[str, str]:
    """Fields → doctypes of their rows."""
    return {name: field.options for name, field in DOCTYPES[doctype].items() if field.type == "Table"}
