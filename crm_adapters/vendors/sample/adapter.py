"""The sample CRM as an adapter, with the edits that its own people would make in it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from pathlib import Path

from marshmallow import fields, validate

from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import Conflict, CRMError
from crm_adapters.model import (
    Customer,
    CustomerKey,
    CustomerMatch,
    FieldInfo,
    Finding,
    Health,
    KeyKind,
    Kind,
    NewLine,
    OpenDeal,
    Order,
    OrderStatus,
    ProductRelation,
    SuggestionOutcome,
    SyncCursor,
    SyncPage,
    WriteResult,
)
from crm_adapters.transport import Transport
from crm_adapters.vendors.sample import deals, edits, feed, records
from crm_adapters.vendors.sample.demo import DEMO_CUSTOMERS
from crm_adapters.vendors.sample.fields import describe, patched, sampled
from crm_adapters.vendors.sample.notes import Note, add_note, find_note, list_notes
from crm_adapters.vendors.sample.shop import CUSTOMERS, MOST_CUSTOMERS
from crm_adapters.vendors.sample.storage import ShopFile


class Adapter(CRMAdapter):
    """Nimbus Mobile, a shop for phones and what goes with them, in a file of its own."""

    name = "sample"
    capabilities = Capabilities(
        kinds=frozenset(Kind),
        keys=frozenset({KeyKind.EMAIL, KeyKind.PHONE, KeyKind.REF}),
        log_outcome=True,
        writes_aside=True,
        unique_keys=True,
        update_customer=True,
        relations=True,
        cases=True,
        stock=True,
        consents=True,
        open_deals=True,
        add_line=True,
        describes_fields=True,
        reports_deletes=True,
        reports_merges=True,
    )

    class Settings(CRMAdapter.Settings):
        path = fields.String(required=True, validate=validate.Length(min=1))
        """The file; made and filled where it is missing, in a folder that must exist."""
        seed = fields.Integer(load_default=1)
        today = fields.Date(load_default=None, allow_none=True)
        """Where the shop's past ends; by default the day on which the file is made."""
        customers = fields.Integer(
            load_default=CUSTOMERS, validate=validate.Range(min=len(DEMO_CUSTOMERS), max=MOST_CUSTOMERS)
        )
        """Like `seed` and `today` only read when the file is made."""
        busy_seconds = fields.Float(load_default=5.0, validate=validate.Range(min=0))

    def __init__(self, settings: Mapping[str, object], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        day = self.settings["today"]
        self._file = ShopFile(
            path=Path(self.settings["path"]),
            seed=self.settings["seed"],
            today=datetime.combine(day, time(), UTC) if day else None,
            customers=self.settings["customers"],
            busy_seconds=self.settings["busy_seconds"],
        )

    def check(self, *, writes: bool = True) -> Health:
        opened, able = (
            (self._file.writing, "Readable and writable") if writes else (self._file.reading, "Readable")
        )
        try:
            with opened() as connection:
                counts = [f"{records.count_kept(connection, kind)} {kind}" for kind in Kind]
        except CRMError as error:
            return Health((Finding("file", ok=False, message=str(error)),))
        return Health((Finding("file", ok=True, message=f"{able}: {', '.join(counts)}."),))

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        with self._file.reading() as connection:
            refs = records.find_refs(connection, key, limit=limit)
            found = [records.get_customer(connection, ref) for ref in refs]
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        with self._file.reading() as connection:
            return records.get_customer(connection, ref)

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        with self._file.reading() as connection:
            found = records.list_of(connection, Kind.ORDERS, customer_ref)
        orders = [record for record in found if isinstance(record, Order)]
        recent = [order for order in orders if since is None or order.placed_at >= since]
        return iter(sorted(recent, key=lambda order: (order.placed_at, order.ref), reverse=True))

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        with self._file.reading() as connection:
            return feed.read_page(connection, kind, cursor)

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        with self._file.reading() as connection:
            return deals.list_open(connection, customer_ref)

    def relations(self, product_ref: str) -> list[ProductRelation]:
        question = "SELECT product_ref, related_ref, kind FROM relations WHERE product_ref = ? ORDER BY rowid"
        with self._file.reading() as connection:
            return [ProductRelation(*row) for row in connection.execute(question, (product_ref,))]

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        with self._file.writing() as connection:
            return add_note(connection, outcome, key=key, at=_now())

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:  # noqa: ARG002 - keys are unique
        with self._file.reading() as connection:
            return find_note(connection, key)

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        with self._file.writing() as connection:
            return deals.add_line(connection, deal_ref, line, key=key, at=_now())

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        with self._file.writing() as connection:
            current = records.get_customer(connection, ref)
            if expected_version not in {None, current.version}:
                raise Conflict("The customer was changed in between", existing=current.version)
            records.put(connection, patched(current, patch, at=_now()))
            return records.get_customer(connection, ref)

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        if not sample:
            return describe(kind)
        with self._file.reading() as connection:
            found = records.list_after(connection, kind, 0, limit=sample)
        return sampled(describe(kind), [stored.record for stored in found if stored.record])

    def notes(self, customer_ref: str) -> list[Note]:
        with self._file.reading() as connection:
            return list_notes(connection, customer_ref)

    def place_order(
        self,
        customer_ref: str,
        skus: Sequence[str],
        *,
        at: datetime | None = None,
        status: OrderStatus = OrderStatus.WON,
        promised_at: datetime | None = None,
    ) -> Order:
        with self._file.writing() as connection:
            return edits.place_order(
                connection, customer_ref, skus, at=at or _now(), status=status, promised_at=promised_at
            )

    def close_case(self, ref: str) -> None:
        with self._file.writing() as connection:
            edits.close_case(connection, ref, at=_now())

    def close_deal(self, ref: str) -> None:
        with self._file.writing() as connection:
            deals.close(connection, ref)

    def set_active(self, product_ref: str, *, active: bool) -> None:
        with self._file.writing() as connection:
            edits.set_active(connection, product_ref, active=active, at=_now())

    def delete_customer(self, ref: str) -> None:
        with self._file.writing() as connection:
            edits.delete_customer(connection, ref)

    def merge_customers(self, ref: str, *, into: str) -> None:
        with self._file.writing() as connection:
            edits.merge_customers(connection, ref, into=into, at=_now())


def _now() -> datetime:
    return datetime.now(UTC)
