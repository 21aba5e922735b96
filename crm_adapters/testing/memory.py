"""A CRM in memory: small, real, and good enough to pass the conformance suite it is used beside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock
from typing import Any

from marshmallow import fields

from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import Conflict, CRMError, NotFound, ValidationFailed
from crm_adapters.model import (
    Case,
    Customer,
    CustomerKey,
    CustomerMatch,
    FieldInfo,
    Finding,
    Health,
    KeyKind,
    Kind,
    Order,
    Product,
    ProductRelation,
    SuggestionOutcome,
    SyncCursor,
    SyncPage,
    WriteResult,
)
from crm_adapters.phones import e164, match_key

PAGE = 50
Record = Customer | Product | Order | Case
KINDS: Mapping[type[Record], Kind] = {
    Product: Kind.PRODUCTS,
    Customer: Kind.CUSTOMERS,
    Order: Kind.ORDERS,
    Case: Kind.CASES,
}


@dataclass(slots=True)
class MemoryCRM:
    """What the CRM holds, shared by its adapters; put records in with `put`, take them out with `delete`."""

    outcomes: dict[str, SuggestionOutcome] = field(default_factory=dict)
    """By key, in the order of writing."""
    related: dict[str, list[ProductRelation]] = field(default_factory=dict)
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

    def get(self, kind: Kind, ref: str) -> Record | None:
        return self._records.get((kind, ref))

    def all(self, kind: Kind) -> list[Any]:
        with self.lock:
            return [record for (of, _), record in self._records.items() if of is kind and record is not None]

    def changed(self, kind: Kind, *, after: int) -> list[tuple[int, str]]:
        """(moment, ref) of what was put or deleted after that moment, oldest first."""
        with self.lock:
            return sorted((at, ref) for (of, ref), at in self._changed.items() if of is kind and at > after)

    def _set(self, kind: Kind, ref: str, record: Record | None) -> None:
        with self.lock:
            self._clock += 1
            if isinstance(record, Customer):
                record = replace(record, version=str(self._clock))
            self._records[kind, ref] = record
            self._changed[kind, ref] = self._clock


class MemoryAdapter(CRMAdapter):
    name = "memory"
    capabilities = Capabilities(
        kinds=frozenset(Kind),
        keys=frozenset(KeyKind),
        log_outcome=True,
        update_customer=True,
        relations=True,
        cases=True,
        stock=True,
        consents=True,
        reports_deletes=True,
    )

    class Settings(CRMAdapter.Settings):
        crm = fields.Raw(required=True)

    @property
    def crm(self) -> MemoryCRM:
        crm: MemoryCRM = self.settings["crm"]
        if crm.failing is not None:
            raise crm.failing
        return crm

    def check(self) -> Health:
        try:
            customers = len(self.crm.all(Kind.CUSTOMERS))
        except CRMError as error:
            return Health((Finding("answers", ok=False, message=str(error)),))
        return Health((Finding("answers", ok=True, message=f"{customers} customers"),))

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        wanted = _normalised(key)
        found = [one for one in self.crm.all(Kind.CUSTOMERS) if wanted and wanted in _values(one, key.kind)]
        return [CustomerMatch(one, key.kind, confidence=1.0) for one in found[:limit]]

    def get_customer(self, ref: str) -> Customer:
        found = self.crm.get(Kind.CUSTOMERS, ref)
        if not isinstance(found, Customer):
            raise NotFound("no such customer")
        return found

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        orders: list[Order] = self.crm.all(Kind.ORDERS)
        theirs = [one for one in orders if one.customer_ref == customer_ref]
        recent = [one for one in theirs if since is None or one.placed_at >= since]
        return iter(sorted(recent, key=lambda order: order.placed_at, reverse=True))

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        after = int(cursor.value) if cursor and cursor.value.isdecimal() else 0
        changed = self.crm.changed(kind, after=after)
        page = changed[:PAGE]
        records = {ref: self.crm.get(kind, ref) for _, ref in page}
        return SyncPage(
            items=tuple(record for record in records.values() if record is not None),
            next_cursor=SyncCursor(str(page[-1][0] if page else after)),
            more=len(changed) > PAGE,
            deleted_refs=tuple(ref for ref, record in records.items() if record is None),
            total_hint=len(changed),
            rows_read=len(page),
        )

    def relations(self, product_ref: str) -> list[ProductRelation]:
        return list(self.crm.related.get(product_ref, ()))

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        with self.crm.lock:
            created = key not in self.crm.outcomes
            self.crm.outcomes.setdefault(key, outcome)
        return WriteResult(ref=f"note-{key}", created=created)

    def find_outcome(self, key: str) -> WriteResult | None:
        return WriteResult(ref=f"note-{key}", created=False) if key in self.crm.outcomes else None

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        with self.crm.lock:
            current = self.get_customer(ref)
            if expected_version not in {None, current.version}:
                raise Conflict("the customer was changed in between", existing=current.version)
            self.crm.put(_patched(current, patch))
            return self.get_customer(ref)

    def describe_fields(self, kind: Kind) -> list[FieldInfo]:
        if kind is not Kind.CUSTOMERS:
            return []
        return [FieldInfo(name, name, "text", writable=True, personal=True) for name in sorted(WRITABLE)]


WRITABLE = frozenset({"name", "given_name", "family_name", "language", "country", "company", "register"})


def _patched(customer: Customer, patch: Mapping[str, str]) -> Customer:
    refused = dict.fromkeys(patch.keys() - WRITABLE, "cannot be changed")
    if refused:
        raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
    changes: dict[str, Any] = dict(patch)
    return replace(customer, **changes)


def _normalised(key: CustomerKey) -> str | None:
    value = key.value.strip()
    if key.kind is KeyKind.EMAIL:
        return value.lower()
    return _number(value) if key.kind is KeyKind.PHONE else value


def _values(customer: Customer, kind: KeyKind) -> set[str | None]:
    if kind is KeyKind.EMAIL:
        return {email.value for email in customer.emails}
    if kind is KeyKind.PHONE:
        return {_number(phone.e164) for phone in customer.phones if phone.e164}
    return {customer.ref}


def _number(value: str) -> str | None:
    number = e164(value)
    return number and match_key(number)
