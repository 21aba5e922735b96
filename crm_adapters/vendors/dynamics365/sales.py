"""Sales orders as purchases, and opportunities as what may become one, with their lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_adapters.errors import VendorChanged
from crm_adapters.model import DealKind, Money, OpenDeal, Order, OrderLine, OrderStatus, RejectedRow
from crm_adapters.vendors.dynamics365.api import Api, Row
from crm_adapters.vendors.dynamics365.catalogue import Catalogue
from crm_adapters.vendors.dynamics365.odata import read_guid
from crm_adapters.vendors.dynamics365.records import (
    CURRENCY,
    LABEL,
    TARGET,
    currency_of,
    moment,
    number,
    text,
)

CUSTOMER = "_customerid_value"
ORDER_COLUMNS = (
    "salesorderid", "name", "ordernumber", "statecode", "statuscode", CURRENCY, CUSTOMER, "createdon",
    "submitdate", "datefulfilled", "modifiedon",
)  # fmt: skip
DEAL_COLUMNS = (
    "opportunityid", "name", "statecode", "statuscode", "estimatedvalue", CURRENCY, CUSTOMER, "modifiedon",
)  # fmt: skip
LINE = (
    "_productid_value", "productdescription", "isproductoverridden", "quantity", "priceperunit", CURRENCY,
)  # fmt: skip
STATES = {
    0: OrderStatus.OPEN,
    1: OrderStatus.OPEN,
    2: OrderStatus.CANCELLED,
    3: OrderStatus.WON,
    4: OrderStatus.WON,
}
"""Active, submitted, cancelled, fulfilled, invoiced."""
SUBMITTED = 1


@dataclass(frozen=True, slots=True)
class Loaded:
    orders: tuple[Order, ...]
    rejected: tuple[RejectedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Sales:
    api: Api
    catalogue: Catalogue
    submitted_is_won: bool

    def of_contact(self, ref: str) -> Loaded:
        guid = read_guid(ref)
        if guid is None:
            return Loaded(())
        rows = self.api.find("salesorders", ORDER_COLUMNS, self._of(guid), order="createdon desc")
        loaded = self.load(rows)
        return Loaded(tuple(order for order in loaded.orders if order.customer_ref == guid))

    def load(self, rows: Sequence[Row]) -> Loaded:
        """An account's orders are its primary contact's."""
        owners = self._owners(rows)
        known = {row["salesorderid"]: row for row in rows if text(row, CUSTOMER) in owners}
        lines = self._lines("salesorderdetails", "salesorderdetailid", "_salesorderid_value", [*known])
        orders = [self._order(row, lines[ref], owners[text(row, CUSTOMER)]) for ref, row in known.items()]
        rejected = [
            RejectedRow(f"salesorder {row['salesorderid']}", 0, "it has no contact")
            for row in rows
            if row["salesorderid"] not in known
        ]
        return Loaded(tuple(orders), tuple(rejected))

    def open_of(self, ref: str) -> list[OpenDeal]:
        guid = read_guid(ref)
        if guid is None:
            return []
        where = f"statecode eq 0 and ({self._of(guid)})"
        rows = self.api.find("opportunities", DEAL_COLUMNS, where, order="modifiedon desc")
        owners = self._owners(rows)
        theirs = [
            row for row in rows if owners.get(text(row, CUSTOMER)) == guid and row.get("statecode") == 0
        ]
        lines = self._lines(
            "opportunityproducts", "opportunityproductid", "_opportunityid_value",
            [row["opportunityid"] for row in theirs],
        )  # fmt: skip
        return [self._deal(row, lines[row["opportunityid"]], guid) for row in theirs]

    def _of(self, guid: str) -> str:
        """Theirs, and of the accounts that they speak for."""
        accounts = self.api.find("accounts", ("accountid",), f"_primarycontactid_value eq {guid}")
        return " or ".join(f"{CUSTOMER} eq {one}" for one in [guid, *(row["accountid"] for row in accounts)])

    def _owners(self, rows: Sequence[Row]) -> dict[str, str]:
        """Customers → the contact who stands for each."""
        kinds = {text(row, CUSTOMER): row.get(f"{CUSTOMER}{TARGET}") for row in rows}
        accounts = sorted(ref for ref, kind in kinds.items() if kind == "account")
        columns = ("accountid", "_primarycontactid_value")
        found = self.api.find_by("accounts", columns, "accountid", accounts)
        primary = {row["accountid"]: text(row, "_primarycontactid_value") for row in found}
        contacts = {ref: ref for ref, kind in kinds.items() if kind == "contact"}
        return contacts | {account: contact for account, contact in primary.items() if contact}

    def _lines(self, table: str, key: str, parent: str, refs: Sequence[str]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {ref: [] for ref in refs}
        for row in self.api.find_by(table, (key, parent, *LINE), parent, refs):
            found[text(row, parent)].append({**row, "id": row[key]})
        return found

    def _order(self, row: Row, lines: Sequence[Row], customer_ref: str) -> Order:
        placed = moment(row, "submitdate") or moment(row, "createdon")
        if placed is None:
            raise VendorChanged("an order has no date")
        return Order(
            ref=row["salesorderid"],
            customer_ref=customer_ref,
            placed_at=placed,
            status=self._status(row),
            lines=_to_lines(lines, self.catalogue.currencies),
            number=text(row, "ordernumber"),
            raw_status=text(row, f"statuscode{LABEL}") or text(row, "statuscode"),
            delivered_at=moment(row, "datefulfilled"),
            updated_at=moment(row, "modifiedon"),
        )

    def _status(self, row: Row) -> OrderStatus:
        if row.get("statecode") == SUBMITTED and self.submitted_is_won:
            return OrderStatus.WON
        return STATES.get(row.get("statecode", -1), OrderStatus.UNKNOWN)

    def _deal(self, row: Row, lines: Sequence[Row], ref: str) -> OpenDeal:
        amount, currencies = number(row.get("estimatedvalue")), self.catalogue.currencies
        return OpenDeal(
            ref=row["opportunityid"],
            kind=DealKind.DEAL,
            name=text(row, "name"),
            customer_ref=ref,
            stage=text(row, f"statuscode{LABEL}"),
            amount=None if amount is None else Money(amount, currency_of(row, currencies)),
            lines=_to_lines(lines, currencies),
            updated_at=moment(row, "modifiedon"),
        )


def _to_lines(rows: Sequence[Row], currencies: Mapping[str, str]) -> tuple[OrderLine, ...]:
    return tuple(_line(row, currencies) for row in rows)


def _line(row: Row, currencies: Mapping[str, str]) -> OrderLine:
    """A product that was written in is a text."""
    price, quantity = number(row.get("priceperunit")), number(row.get("quantity"))
    product = None if row.get("isproductoverridden") else text(row, "_productid_value") or None
    named = text(row, f"_productid_value{LABEL}") if product else text(row, "productdescription")
    return OrderLine(
        ref=text(row, "id"),
        product_ref=product,
        name=named,
        quantity=Decimal(1) if quantity is None else quantity,
        unit_price=None if price is None else Money(price, currency_of(row, currencies)),
    )
