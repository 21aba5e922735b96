"""What was bought, and what may be: opportunities with their lines, or orders where an org keeps those."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_adapters.errors import VendorChanged
from crm_adapters.model import (
    DealKind,
    Money,
    OpenDeal,
    Order,
    OrderLine,
    OrderStatus,
    RejectedRow,
)
from crm_adapters.vendors.salesforce import records
from crm_adapters.vendors.salesforce.api import Api, Row
from crm_adapters.vendors.salesforce.records import Fields, moment, number, text
from crm_adapters.vendors.salesforce.soql import is_id, quote

ROLE = "OpportunityContactRole"


@dataclass(frozen=True, slots=True)
class Shape:
    """How an object keeps purchases."""

    name: str
    names: tuple[str, ...]
    line: str
    parent: str
    """Of a line."""
    date: str
    """When it was closed: a day."""
    status: str
    number: str


OPPORTUNITY = Shape(
    "Opportunity",
    (
        "Id", "Name", "Amount", "StageName", "IsWon", "IsClosed", "CloseDate", "CreatedDate", "SystemModstamp",
    ),
    "OpportunityLineItem",
    "OpportunityId",
    "CloseDate",
    "StageName",
    "Name",
)  # fmt: skip
ORDER = Shape(
    "Order",
    (
        "Id", "OrderNumber", "Status", "StatusCode", "EffectiveDate", "BillToContactId", "CreatedDate",
        "SystemModstamp",
    ),
    "OrderItem",
    "OrderId",
    "EffectiveDate",
    "Status",
    "OrderNumber",
)  # fmt: skip
CODES = {"Draft": OrderStatus.OPEN, "Activated": OrderStatus.WON, "Canceled": OrderStatus.CANCELLED}
LINE_KEYS = ("Id", "Product2Id", "Product2.Name", "Description", "Quantity", "UnitPrice")


@dataclass(frozen=True, slots=True)
class Loaded:
    orders: tuple[Order, ...]
    rejected: tuple[RejectedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Sales:
    api: Api
    fields: Fields
    shape: Shape = OPPORTUNITY

    @property
    def names(self) -> list[str]:
        return [*self.shape.names, *self.fields.money]

    def of_contact(self, ref: str) -> Loaded:
        if not is_id(ref):
            return Loaded(())
        where = f"BillToContactId = {quote(ref)}" if self.shape is ORDER else _of_role(ref)
        loaded = self.load(self.api.select(self.shape.name, self.names, where, order="Id"))
        return Loaded(tuple(order for order in loaded.orders if order.customer_ref == ref))

    def load(self, rows: Sequence[Row]) -> Loaded:
        """One without a contact is nobody's."""
        owners = self._owners(rows)
        lines = self._lines([row["Id"] for row in rows if row["Id"] in owners])
        orders = [
            self._order(row, lines[row["Id"]], owners[row["Id"]]) for row in rows if row["Id"] in owners
        ]
        rejected = [
            RejectedRow(f"{self.shape.name} {row['Id']}", 0, "it has no contact")
            for row in rows
            if row["Id"] not in owners
        ]
        return Loaded(tuple(orders), tuple(rejected))

    def open_of(self, ref: str) -> list[OpenDeal]:
        """Opportunities, wherever purchases are kept."""
        if not is_id(ref):
            return []
        where = f"IsClosed = false AND {_of_role(ref)}"
        rows = self.api.select("Opportunity", self.names, where, order="SystemModstamp DESC, Id DESC")
        owners = self._owners(rows)
        theirs = [row for row in rows if owners.get(row["Id"]) == ref and not row.get("IsClosed")]
        lines = self._lines([row["Id"] for row in theirs])
        return [self._deal(row, lines[row["Id"]], ref) for row in theirs]

    def _owners(self, rows: Sequence[Row]) -> dict[str, str]:
        """Whose each is: of several contacts the primary one, or the first."""
        if self.shape is ORDER:
            return {row["Id"]: text(row, "BillToContactId") for row in rows if row.get("BillToContactId")}
        names = ("Id", "OpportunityId", "ContactId", "IsPrimary")
        roles = self.api.select_by(ROLE, names, "OpportunityId", [row["Id"] for row in rows])
        last = sorted(roles, key=lambda role: (role.get("IsPrimary") is not True, role["Id"]), reverse=True)
        return {text(role, "OpportunityId"): text(role, "ContactId") for role in last}

    def _lines(self, refs: Sequence[str]) -> dict[str, list[Row]]:
        names = [*LINE_KEYS, self.shape.parent, *self.fields.money]
        found: dict[str, list[Row]] = {ref: [] for ref in refs}
        for row in self.api.select_by(self.shape.line, names, self.shape.parent, refs):
            found[text(row, self.shape.parent)].append(row)
        return found

    def _order(self, row: Row, lines: Sequence[Row], customer_ref: str) -> Order:
        """What is still open was placed when it was made; its date is a hope."""
        status = self._status(row)
        made = moment(row, "CreatedDate")
        placed = made if status is OrderStatus.OPEN else moment(row, self.shape.date) or made
        if placed is None:
            raise VendorChanged("a purchase has no date")
        return Order(
            ref=row["Id"],
            customer_ref=customer_ref,
            placed_at=placed,
            status=status,
            lines=self._to_lines(lines),
            number=text(row, self.shape.number),
            raw_status=text(row, self.shape.status),
            updated_at=moment(row, "SystemModstamp"),
        )

    def _status(self, row: Row) -> OrderStatus:
        """Words for stages are the org's own; what they mean is not."""
        if self.shape is ORDER:
            return CODES.get(text(row, "StatusCode"), OrderStatus.UNKNOWN)
        if not row.get("IsClosed"):
            return OrderStatus.OPEN
        return OrderStatus.WON if row.get("IsWon") else OrderStatus.CANCELLED

    def _deal(self, row: Row, lines: Sequence[Row], ref: str) -> OpenDeal:
        amount = number(row.get("Amount"))
        return OpenDeal(
            ref=row["Id"],
            kind=DealKind.DEAL,
            name=text(row, "Name"),
            customer_ref=ref,
            stage=text(row, "StageName"),
            amount=None if amount is None else Money(amount, records.currency_of(row, self.fields)),
            lines=self._to_lines(lines),
            updated_at=moment(row, "SystemModstamp"),
        )

    def _to_lines(self, rows: Sequence[Row]) -> tuple[OrderLine, ...]:
        return tuple(_line(row, self.fields) for row in rows)


def _of_role(ref: str) -> str:
    return f"Id IN (SELECT OpportunityId FROM {ROLE} WHERE ContactId = {quote(ref)})"  # noqa: S608 - quoted


def _line(row: Mapping[str, object], fields: Fields) -> OrderLine:
    price, quantity = number(row.get("UnitPrice")), number(row.get("Quantity"))
    return OrderLine(
        ref=text(row, "Id"),
        product_ref=text(row, "Product2Id") or None,
        name=text(row, "Product2.Name") or text(row, "Description"),
        quantity=Decimal(1) if quantity is None else quantity,
        unit_price=None if price is None else Money(price, records.currency_of(row, fields)),
    )
