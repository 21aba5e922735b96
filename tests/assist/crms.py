"""A small CRM in memory with faults on demand, behind a real connection; and the records in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from marshmallow import fields
from sqlalchemy import Engine, select

from assist.db import Base
from assist.services.connect import add_connection, get_connection
from assist.services.desk import Desk
from crm_adapters.base import CRMAdapter
from crm_adapters.model import (
    Case,
    Customer,
    Email,
    Finding,
    Health,
    Kind,
    Money,
    OpenDeal,
    Order,
    OrderLine,
    OrderStatus,
    Phone,
    Product,
    ProductRelation,
    RejectedRow,
    SuggestionOutcome,
    SyncCursor,
    SyncPage,
    WriteResult,
)
from crm_adapters.testing import Faults, FaultyAdapter, MemoryAdapter, MemoryCRM
from crm_adapters.testing.memorystage import MemoryStage
from crm_adapters.transport import Transport

WEBHOOK_SECRET = "webhook-Qzx7-secret"
THEN = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
_worlds: dict[str, "World"] = {}


@dataclass
class World:
    """What stands behind one connection."""

    name: str
    crm: MemoryCRM = field(default_factory=MemoryCRM)
    faults: Faults = field(default_factory=Faults)
    page: int = 50
    snapshot: bool = False
    """Each sync lists everything, as files do."""
    lacks: tuple[str, ...] = ()
    """Of what it could declare, what it does not: `add_line`."""
    rejected: tuple[RejectedRow, ...] = ()
    """On the first page of orders."""
    token: str | None = None
    """What the CRM takes; None takes any."""
    meanwhile: Callable[[], object] | None = None
    """Happens once, while the CRM thinks about a write or a question about a customer, deals or a product."""

    def think(self) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()

    @property
    def stage(self) -> MemoryStage:
        return MemoryStage(self.crm, webhook_secret=WEBHOOK_SECRET)

    def put(self, *records: Customer | Product | Order | Case) -> None:
        self.crm.put(*records)

    def read(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        after = int(cursor.value) if cursor else 0
        changed = self.crm.changed(kind, after=after)
        page, more = changed[: self.page], len(changed) > self.page
        records = {ref: self.crm.get(kind, ref) for _, ref in page}
        gone = [ref for ref, record in records.items() if not record]
        merged = {ref: self.crm.merged[ref] for ref in gone if ref in self.crm.merged}
        reached = page[-1][0] if page else after
        return SyncPage(
            items=tuple(record for record in records.values() if record),
            next_cursor=SyncCursor(str(0 if self.snapshot and not more else reached)),
            more=more,
            deleted_refs=() if self.snapshot else tuple(ref for ref in gone if ref not in merged),
            merged={} if self.snapshot else merged,
            snapshot=self.snapshot,
            rejected=self.rejected if kind is Kind.ORDERS and after == 0 else (),
            rows_read=len(page),
        )


class WorldAdapter(FaultyAdapter):
    """Lists the kinds of which there is something."""

    name = "tested"
    capabilities = MemoryAdapter.capabilities

    class Settings(CRMAdapter.Settings):
        world = fields.String(required=True)
        token = fields.String(metadata={"secret": True})

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        self.world = _worlds[settings["world"]]
        self.given = settings
        kinds = frozenset(kind for kind in Kind if self.world.crm.changed(kind, after=0))
        memory = MemoryAdapter({"crm": self.world.crm, "webhook_secret": WEBHOOK_SECRET})
        super().__init__(memory, self.world.faults)
        self.settings = {**self.settings, **settings}
        self.transport = transport or self.transport
        lacks: dict[str, Any] = dict.fromkeys(self.world.lacks, False)
        vars(self)["capabilities"] = replace(self.capabilities, kinds=kinds, **lacks)

    def check(self, *, writes: bool = True) -> Health:
        if self.world.token not in {None, self.given.get("token")}:
            return Health((Finding("sign-in", ok=False, message="AuthExpired: the token is not taken."),))
        return super().check(writes=writes)

    def get_customer(self, ref: str) -> Customer:
        self.world.think()
        return super().get_customer(ref)

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        self.world.think()
        return super().open_deals(customer_ref)

    def relations(self, product_ref: str) -> list[ProductRelation]:
        self.world.think()
        return super().relations(product_ref)

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        self.world.think()
        return super().log_outcome(outcome, key=key)

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        return self.faults.run("changes", lambda: self.world.read(kind, cursor))


def connect(desk: Desk, name: str = "shop", **options: Any) -> World:
    """A connection of that name to a CRM of its own, which outcomes are written to."""
    world = World(f"{desk.config.data_dir}/{name}", **options)
    _worlds[world.name] = world
    add_connection(desk, name, adapter="tested", settings={"world": world.name}, shadow=False)
    return world


def forbid_writing(desk: Desk, name: str) -> None:
    with desk.database.writing() as session:
        get_connection(session, name).writes = False


def customer(ref: str, *, email: str | None = None, phone: str | None = None, **more: Any) -> Customer:
    """With a verified e-mail."""
    return Customer(
        ref=ref,
        name=more.pop("name", f"Customer {ref}"),
        emails=(Email(email, verified=True),) if email else (),
        phones=(Phone(phone, phone),) if phone else (),
        **more,
    )


def product(ref: str, *, price: str | None = "10.00", **more: Any) -> Product:
    prices = (Money(Decimal(price), more.pop("currency", "EUR")),) if price else ()
    return Product(ref=ref, sku=more.pop("sku", ref), name=f"Product {ref}", prices=prices, **more)


def order(ref: str, customer_ref: str, *skus: str, days: int = 0, **more: Any) -> Order:
    """One of each product, placed so many days after the first of February."""
    lines = tuple(
        OrderLine(f"{ref}-{sku}", sku, f"Product {sku}", Decimal(1), Money(Decimal("10.00"), "EUR"))
        for sku in skus
    )
    return Order(
        ref=ref,
        customer_ref=customer_ref,
        placed_at=THEN + timedelta(days=days),
        status=more.pop("status", OrderStatus.WON),
        lines=more.pop("lines", lines),
        number=more.pop("number", ref),
        **more,
    )


def complaint(ref: str, customer_ref: str, *, is_open: bool = True) -> Case:
    return Case(ref, customer_ref, "The screen is broken", complaint=True, open=is_open, opened_at=THEN)


def dump(engine: Engine, *tables: str, without: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables, of all of them if none is named, in the order of their keys."""
    found = {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if not tables or table.name in tables:
                columns = [column for column in table.c if column.name not in without]
                rows = connection.execute(select(*columns).order_by(*table.primary_key))
                found[table.name] = [tuple(row) for row in rows]
    return found
