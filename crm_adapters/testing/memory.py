"""A CRM in memory: what it holds, shared by all its adapters."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any

from crm_adapters.errors import Conflict, CRMError, Merged, NotFound, ValidationFailed
from crm_adapters.model import (
    Case,
    Company,
    Customer,
    Kind,
    NewLine,
    OpenDeal,
    Order,
    OrderLine,
    Product,
    ProductRelation,
    SuggestionOutcome,
    WriteResult,
)

Record = Customer | Product | Order | Case
KINDS: Mapping[type[Record], Kind] = {
    Product: Kind.PRODUCTS,
    Customer: Kind.CUSTOMERS,
    Order: Kind.ORDERS,
    Case: Kind.CASES,
}


@dataclass(slots=True)
class MemoryCRM:
    """Put records in with `put`, take them out with `delete` and `merge`."""

    outcomes: dict[str, SuggestionOutcome] = field(default_factory=dict)
    """By key, in the order of writing."""
    related: dict[str, list[ProductRelation]] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    deals: dict[str, OpenDeal] = field(default_factory=dict)
    """A closed one is taken out, and its ref kept in `closed`."""
    closed: set[str] = field(default_factory=set)
    lines: dict[str, WriteResult] = field(default_factory=dict)
    """What was put on a deal, by key."""
    merged: dict[str, str] = field(default_factory=dict)
    """Customers that live on under another ref."""
    failing: CRMError | None = None
    """While set, every call raises it."""
    lock: RLock = field(default_factory=RLock)
    _records: dict[tuple[Kind, str], Record | None] = field(default_factory=dict)
    _changed: dict[tuple[Kind, str], int] = field(default_factory=dict)
    _clock: int = 0

    def put(self, *records: Record) -> None:
        for record in records:
            self._set(KINDS[type(record)], record.ref, record)

    def delete(self, kind: Kind, ref: str) -> None:
        self._set(kind, ref, None)

    def merge(self, ref: str, *, into: str) -> None:
        """What belonged to `ref` belongs to `into` afterwards."""
        with self.lock:
            gone, kept = self.get_customer(ref), self.get_customer(into)
            for record in [*self.all(Kind.ORDERS), *self.all(Kind.CASES)]:
                if record.customer_ref == ref:
                    self.put(replace(record, customer_ref=into))
            emails = tuple(dict.fromkeys((*kept.emails, *gone.emails)))
            self.put(replace(kept, emails=emails, phones=tuple(dict.fromkeys((*kept.phones, *gone.phones)))))
            self.delete(Kind.CUSTOMERS, ref)
            self.merged |= {old: into for old, new in self.merged.items() if new == ref} | {ref: into}

    def get(self, kind: Kind, ref: str) -> Record | None:
        return self._records.get((kind, ref))

    def get_customer(self, ref: str) -> Customer:
        """Raises NotFound or Merged."""
        if ref in self.merged:
            raise Merged("the customer was merged into another", new_ref=self.merged[ref])
        found = self.get(Kind.CUSTOMERS, ref)
        if not isinstance(found, Customer):
            raise NotFound("no such customer")
        return found

    def all(self, kind: Kind) -> list[Any]:
        with self.lock:
            return [record for (of, _), record in self._records.items() if of is kind and record is not None]

    def changed(self, kind: Kind, *, after: int) -> list[tuple[int, str]]:
        """(moment, ref) of what was put or deleted after that moment, oldest first."""
        with self.lock:
            return sorted((at, ref) for (of, ref), at in self._changed.items() if of is kind and at > after)

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        with self.lock:
            if key in self.lines:
                return replace(self.lines[key], created=False)
            deal, product = self._open_deal(deal_ref), self.get(Kind.PRODUCTS, line.product_ref)
            if not isinstance(product, Product):
                raise ValidationFailed("no such product", fields={"product": "unknown"})
            price = line.unit_price or next(iter(product.prices), None)
            number = f"{deal_ref}-{len(deal.lines) + 1}"
            added = OrderLine(number, product.ref, product.name, line.quantity, price)
            self.deals[deal_ref] = replace(deal, lines=(*deal.lines, added))
            self.lines[key] = WriteResult(number, created=True)
            return self.lines[key]

    def close_deal(self, ref: str) -> None:
        del self.deals[ref]
        self.closed.add(ref)

    def _open_deal(self, ref: str) -> OpenDeal:
        if ref in self.closed:
            raise Conflict("the deal was closed")
        if ref not in self.deals:
            raise NotFound("no such deal")
        return self.deals[ref]

    def _set(self, kind: Kind, ref: str, record: Record | None) -> None:
        with self.lock:
            self._clock += 1
            if isinstance(record, Customer):
                record = replace(record, version=str(self._clock))
            self._records[kind, ref] = record
            self._changed[kind, ref] = self._clock
