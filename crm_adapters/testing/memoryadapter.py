"""The adapter of the CRM in memory: small, real, and good enough to pass the suite it is used beside."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import fields

from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import Conflict, CRMError, NotFound, NotTrusted, ValidationFailed
from crm_adapters.model import (
    ChangeHint,
    Company,
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
    ProductRelation,
    SuggestionOutcome,
    SyncCursor,
    SyncPage,
    WebhookRequest,
    WriteResult,
)
from crm_adapters.phones import e164, match_key
from crm_adapters.sampling import add_samples
from crm_adapters.testing.memory import MemoryCRM

PAGE = 50
SIGNATURE = "X-Memory-Signature"


class MemoryAdapter(CRMAdapter):
    name = "memory"
    capabilities = Capabilities(
        kinds=frozenset(Kind),
        keys=frozenset(KeyKind),
        log_outcome=True,
        unique_keys=True,
        update_customer=True,
        relations=True,
        cases=True,
        stock=True,
        consents=True,
        companies=True,
        open_deals=True,
        add_line=True,
        webhooks=True,
        describes_fields=True,
        reports_deletes=True,
        reports_merges=True,
    )

    class Settings(CRMAdapter.Settings):
        crm = fields.Raw(required=True)
        webhook_secret = fields.String(load_default="", metadata={"secret": True})

    @property
    def crm(self) -> MemoryCRM:
        crm: MemoryCRM = self.settings["crm"]
        if crm.failing is not None:
            raise crm.failing
        return crm

    def check(self, *, writes: bool = True) -> Health:  # noqa: ARG002 - everybody may write
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
        return self.crm.get_customer(ref)

    def get_company(self, ref: str) -> Company:
        if ref not in self.crm.companies:
            raise NotFound("no such company")
        return self.crm.companies[ref]

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
        merged = self.crm.merged if kind is Kind.CUSTOMERS else {}
        gone_as = {ref: merged.get(ref) for ref, record in records.items() if record is None}
        return SyncPage(
            items=tuple(record for record in records.values() if record is not None),
            next_cursor=SyncCursor(str(page[-1][0] if page else after)),
            more=len(changed) > PAGE,
            deleted_refs=tuple(ref for ref, gone in gone_as.items() if gone is None),
            merged={ref: gone for ref, gone in gone_as.items() if gone is not None},
            total_hint=len(changed),
            rows_read=len(page),
        )

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        return [deal for deal in self.crm.deals.values() if deal.customer_ref == customer_ref]

    def relations(self, product_ref: str) -> list[ProductRelation]:
        return list(self.crm.related.get(product_ref, ()))

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        with self.crm.lock:
            created = key not in self.crm.outcomes
            if created:
                self.crm.get_customer(outcome.customer_ref)
                self.crm.outcomes[key] = outcome
        return WriteResult(ref=f"note-{key}", created=created)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:  # noqa: ARG002 - keys are unique
        return WriteResult(ref=f"note-{key}", created=False) if key in self.crm.outcomes else None

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        return self.crm.add_line(deal_ref, line, key=key)

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        with self.crm.lock:
            current = self.get_customer(ref)
            if expected_version not in {None, current.version}:
                raise Conflict("the customer was changed in between", existing=current.version)
            self.crm.put(_patched(current, patch))
            return self.get_customer(ref)

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        if kind is not Kind.CUSTOMERS:
            return []
        found = [
            FieldInfo(name, name, "text", writable=True, personal=True, mapped=name)
            for name in sorted(WRITABLE)
        ]
        rows = self.crm.all(kind)[:sample]
        return add_samples(found, [{name: getattr(row, name) for name in WRITABLE} for row in rows])

    def read_webhook(self, request: WebhookRequest) -> list[ChangeHint]:
        if not hmac.compare_digest(
            request.header(SIGNATURE), sign(self.settings["webhook_secret"], request.body)
        ):
            raise NotTrusted("the signature is not that of the secret")
        return [
            ChangeHint(Kind(event["kind"]), event["ref"], event["id"]) for event in json.loads(request.body)
        ]


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
    if kind is KeyKind.DECLARED:
        return {f"{system}:{value}" for system, value in customer.declared_ids.items()}
    return {customer.ref}


def _number(value: str) -> str | None:
    number = e164(value)
    return number and match_key(number)


def sign(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
