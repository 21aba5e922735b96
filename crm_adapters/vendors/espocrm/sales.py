"""What was bought, and what may be: opportunities, or documents of the Sales Pack with their lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from crm_adapters.errors import VendorChanged
from crm_adapters.model import DealKind, OpenDeal, Order, OrderLine, OrderStatus, RejectedRow
from crm_adapters.vendors.espocrm import records
from crm_adapters.vendors.espocrm.api import STAMP, Api, Row, condition, is_id
from crm_adapters.vendors.espocrm.records import Fields, moment_of, money_of, text_of

ITEMS = "itemList"
STAGES = "entityDefs.Opportunity.fields.stage.probabilityMap"
QUOTE = "Quote"
CLOSED_QUOTES = frozenset({"Approved", "Rejected", "Canceled", "Completed"})
STATUSES = {
    "Draft": OrderStatus.OPEN,
    "Ready": OrderStatus.OPEN,
    "In Process": OrderStatus.OPEN,
    "In Progress": OrderStatus.OPEN,
    "Issued": OrderStatus.OPEN,
    "Partially Paid": OrderStatus.OPEN,
    "Completed": OrderStatus.WON,
    "Paid": OrderStatus.WON,
    "Canceled": OrderStatus.CANCELLED,
    "Rejected": OrderStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind of record keeps purchases."""

    entity: str
    customer: str
    placed: str
    """A day."""
    status: str
    number: str
    itemized: bool = True
    """It has lines: a document of the Sales Pack."""


OPPORTUNITY = Shape("Opportunity", "contactId", "closeDate", "stage", "name", itemized=False)
SHAPES = {
    "opportunities": OPPORTUNITY,
    "orders": Shape("SalesOrder", "billingContactId", "dateOrdered", "status", "number"),
    "invoices": Shape("Invoice", "billingContactId", "dateInvoiced", "status", "number"),
}
Loaded = tuple[tuple[Order, ...], tuple[RejectedRow, ...]]


class Sales:
    def __init__(
        self, api: Api, shape: Shape, fields: Fields, statuses: Mapping[str, OrderStatus], *, limit: int
    ) -> None:
        self._api = api
        self.shape = shape
        self._fields = fields
        self._statuses = {**STATUSES, **statuses}
        self._limit = limit
        self._customer = fields.order.get("customer", shape.customer)
        self._placed = fields.order.get("placed_at", shape.placed)
        self._quoted = fields.deal.get("customer", "billingContactId")

    @cached_property
    def stages(self) -> dict[str, OrderStatus]:
        """Of opportunities: their words are the company's own, and by their probability EspoCRM itself tells won and
        lost ones."""
        found = self._api.metadata(STAGES)
        if not isinstance(found, dict):
            raise VendorChanged("EspoCRM does not tell what the stages of opportunities mean")
        meant = {100: OrderStatus.WON, 0: OrderStatus.CANCELLED}
        return {
            str(stage): meant.get(chance, OrderStatus.OPEN)
            for stage, chance in found.items()
            if isinstance(chance, int)
        }

    def of_contact(self, ref: str) -> list[Order]:
        return list(self.load(self._of(self.shape.entity, self._customer, ref))[0]) if is_id(ref) else []

    def open_of(self, ref: str) -> list[OpenDeal]:
        """Quotes where there are any, which lines can be put on; opportunities elsewhere."""
        if not is_id(ref):
            return []
        if self.shape.itemized:
            found = [
                _to_open_quote(row, ref) for row in self._of(QUOTE, self._quoted, ref) if is_open_quote(row)
            ]
        else:
            rows = self._of(self.shape.entity, self._customer, ref)
            found = [self._to_open_deal(row) for row in rows if self._status(row) is OrderStatus.OPEN]
        return sorted(found, key=lambda deal: (deal.updated_at is not None, deal.updated_at), reverse=True)

    def _of(self, entity: str, attribute: str, ref: str) -> list[Row]:
        where = [condition("equals", attribute, ref)]
        fields = ("name", attribute) if entity != OPPORTUNITY.entity else ()
        rows = list(self._api.select_all(entity, where, fields=fields, limit=self._limit))
        if not all(row.get(attribute) == ref for row in rows):
            raise VendorChanged("the answer holds what was not asked for")
        return self.read(entity, rows)

    def read(self, entity: str, rows: Sequence[Row]) -> list[Row]:
        """Each with its lines, which lists leave out; one that was deleted meanwhile is left out."""
        if entity == OPPORTUNITY.entity:
            return list(rows)
        found = (self._api.get(entity, row["id"]) for row in rows)
        return [row for row in found if row is not None]

    def load(self, rows: Sequence[Row]) -> Loaded:
        """One of an account alone is nobody's."""
        whose = [row for row in rows if text_of(row, self._customer)]
        entity = self.shape.entity
        rejected = [
            RejectedRow(f"{entity} {row['id']}", 0, "it has no contact") for row in rows if row not in whose
        ]
        return tuple(map(self._to_order, whose)), tuple(rejected)

    def _status(self, row: Row) -> OrderStatus:
        known = self._statuses if self.shape.itemized else self.stages
        return known.get(text_of(row, self.shape.status), OrderStatus.UNKNOWN)

    def find_unknown(self, states: Sequence[str]) -> list[str]:
        """Of a document's states those that we do not know the meaning of."""
        return [state for state in states if state and state not in self._statuses]

    def _to_order(self, row: Row) -> Order:
        """What is still open was placed when it was made; its date is a hope."""
        status = self._status(row)
        made = moment_of(row.get("createdAt"))
        hoped = status is OrderStatus.OPEN and not self.shape.itemized
        placed = made if hoped else moment_of(row.get(self._placed)) or made
        if placed is None:
            raise VendorChanged("a purchase has no date")
        return Order(
            ref=row["id"],
            customer_ref=text_of(row, self._customer),
            placed_at=placed,
            status=status,
            lines=self._to_lines(row),
            number=text_of(row, self.shape.number),
            raw_status=text_of(row, self.shape.status),
            updated_at=moment_of(row.get(STAMP)),
        )

    def _to_open_deal(self, row: Row) -> OpenDeal:
        return OpenDeal(
            ref=row["id"],
            kind=DealKind.DEAL,
            name=text_of(row, "name"),
            customer_ref=text_of(row, self._customer),
            stage=text_of(row, self.shape.status),
            amount=money_of(row, "amount"),
            lines=self._to_lines(row),
            updated_at=moment_of(row.get(STAMP)),
        )

    def _to_lines(self, row: Row) -> tuple[OrderLine, ...]:
        return to_lines(row) if self.shape.itemized else _named_lines(row, self._fields.line)


def is_open_quote(row: Row) -> bool:
    return text_of(row, "status") not in CLOSED_QUOTES and row.get("isLocked") is not True


def items_of(document: Row) -> list[Row]:
    items = document.get(ITEMS)
    if not isinstance(items, list) or not all(isinstance(one, dict) and one.get("id") for one in items):
        raise VendorChanged("a document has no lines: is it one of the Sales Pack?")
    return items


def to_lines(document: Row) -> tuple[OrderLine, ...]:
    return tuple(map(_to_line, items_of(document)))


def _to_line(item: Row) -> OrderLine:
    quantity = records.number_of(item.get("quantity"))
    return OrderLine(
        ref=str(item["id"]),
        product_ref=text_of(item, "productId") or None,
        name=text_of(item, "name"),
        quantity=Decimal(1) if quantity is None else quantity,
        unit_price=money_of(item, "unitPrice"),
    )


def _named_lines(row: Row, fields: Mapping[str, str]) -> tuple[OrderLine, ...]:
    """Of an opportunity that names what was sold in a field (`line.name`): one line for each of the names, and what
    each cost only where there is one."""
    value = row.get(fields.get("name", ""))
    names = [records.show_value(one) for one in (value if isinstance(value, list) else [value])]
    names = list(filter(None, names))
    price = money_of(row, "amount") if len(names) == 1 else None
    return tuple(
        OrderLine(f"{row['id']}-{number}", None, name, Decimal(1), price)
        for number, name in enumerate(names, 1)
    )


def _to_open_quote(row: Row, customer_ref: str) -> OpenDeal:
    return OpenDeal(
        ref=row["id"],
        kind=DealKind.QUOTE,
        name=text_of(row, "name"),
        customer_ref=customer_ref,
        stage=text_of(row, "status"),
        amount=money_of(row, "amount"),
        lines=to_lines(row),
        updated_at=moment_of(row.get(STAMP)),
    )
