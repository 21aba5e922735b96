"""ACME's CRM: people, orders and notes, each listed by the number of its last change."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from marshmallow import fields

from crm_adapters import model as m
from crm_adapters.auth import bearer
from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import NotFound
from crm_adapters.findings import try_step
from crm_adapters.http import ApiClient, Call
from crm_adapters.transport import Transport

PATHS = {m.Kind.CUSTOMERS: "people", m.Kind.ORDERS: "orders"}
KEYS = {m.KeyKind.EMAIL: "email", m.KeyKind.REF: "id"}


class Adapter(CRMAdapter):
    name = "acme"
    capabilities = Capabilities(
        kinds=frozenset(PATHS), keys=frozenset(KEYS), log_outcome=True, unique_keys=True, reports_deletes=True
    )

    class Settings(CRMAdapter.Settings):
        url = fields.Url(required=True, require_tld=False)
        token = fields.String(required=True, metadata={"secret": True})
        page_size = fields.Integer(load_default=200)

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(settings, transport)
        self._api = ApiClient(settings["url"], auth=bearer(settings["token"]), transport=self.transport)

    def check(self, *, writes: bool = True) -> m.Health:
        return m.Health((try_step("people", lambda: f"{len(self._list('people', limit=1))} could be read."),))

    def find_customers(self, key: m.CustomerKey, *, limit: int = 5) -> list[m.CustomerMatch]:
        if key.kind not in KEYS:
            self._refuse(f"finds nobody by {key.kind}")
        rows = self._list("people", **{KEYS[key.kind]: key.value.strip().lower()})
        return [m.CustomerMatch(to_customer(row), key.kind, confidence=1.0) for row in rows[:limit]]

    def get_customer(self, ref: str) -> m.Customer:
        for row in self._list("people", id=ref):
            return to_customer(row)
        raise NotFound("ACME has no such person")

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[m.Order]:
        found = [to_order(row) for row in self._list("orders", person=customer_ref)]
        recent = [order for order in found if since is None or order.placed_at >= since]
        return iter(sorted(recent, key=lambda order: order.placed_at, reverse=True))

    def changes(self, kind: m.Kind, cursor: m.SyncCursor | None) -> m.SyncPage:
        if kind not in PATHS:
            self._refuse(f"lists no {kind}")
        after, size = cursor.value if cursor else "0", self.settings["page_size"]
        rows = self._list(PATHS[kind], after=after, limit=size)
        read = to_customer if kind is m.Kind.CUSTOMERS else to_order
        return m.SyncPage(
            items=tuple(read(row) for row in rows if not row["deleted"]),
            next_cursor=m.SyncCursor(str(rows[-1]["change"]) if rows else after),
            more=len(rows) == size,
            deleted_refs=tuple(row["id"] for row in rows if row["deleted"]),
        )

    def log_outcome(self, outcome: m.SuggestionOutcome, *, key: str) -> m.WriteResult:
        """ACME keeps one note for each key, whoever writes it and how often."""
        note = {"person": outcome.customer_ref, "text": outcome.note, "key": key}
        answer = self._api.run(Call("PUT", "notes", json=note, repeatable=True))
        return m.WriteResult(answer.json()["id"], created=answer.status == 201)

    def find_outcome(self, key: str, *, customer_ref: str) -> m.WriteResult | None:
        held = [row["id"] for row in self._list("notes", person=customer_ref) if row["key"] == key]
        return m.WriteResult(held[0], created=False) if held else None

    def _list(self, path: str, **params: object) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._api.read(
            path, params={name: str(one) for name, one in params.items()}
        ).json()
        return rows


def to_customer(row: Mapping[str, Any]) -> m.Customer:
    return m.Customer(row["id"], row["name"], emails=tuple(m.Email(email) for email in row["emails"]))


def to_order(row: Mapping[str, Any]) -> m.Order:
    lines = (
        m.OrderLine(str(n), None, one["name"], Decimal(one["count"]), price(one))
        for n, one in enumerate(row["lines"])
    )
    placed, status = datetime.fromisoformat(row["placed"]), m.OrderStatus(row["status"])
    return m.Order(row["id"], row["person"], placed, status, tuple(lines), raw_status=row["status"])


def price(line: Mapping[str, Any]) -> m.Money:
    return m.Money(Decimal(line["price"]), line["currency"])
