"""The CRM in memory from behind."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from crm_adapters.fakes.seed import Record
from crm_adapters.model import (
    Company,
    Kind,
    OpenDeal,
    ProductRelation,
    WebhookRequest,
)
from crm_adapters.testing.memory import MemoryCRM
from crm_adapters.testing.memoryadapter import SIGNATURE, sign
from crm_adapters.testing.stage import Stage

ADDRESS = "https://example.com/webhooks/memory"


class MemoryStage(Stage):
    def __init__(self, crm: MemoryCRM, *, webhook_secret: str = "") -> None:
        self.crm = crm
        self._secret = webhook_secret
        self._numbers = count(1)

    def put(self, record: Record) -> str:
        if isinstance(record, ProductRelation):
            self.crm.related.setdefault(record.product_ref, []).append(record)
            return ""
        named = replace(record, ref=record.ref or f"new-{next(self._numbers)}")
        match named:
            case Company():
                self.crm.companies[named.ref] = named
            case OpenDeal():
                self.crm.deals[named.ref] = named
            case _:
                self.crm.put(named)
        return named.ref

    def delete(self, kind: Kind, ref: str) -> None:
        self.crm.delete(kind, ref)

    def merge(self, ref: str, *, into: str) -> None:
        self.crm.merge(ref, into=into)

    def close_deal(self, ref: str) -> None:
        self.crm.close_deal(ref)

    def count_written(self, key: str | None = None) -> int:
        return len(self.crm.outcomes) if key is None else [*self.crm.outcomes].count(key)

    def count_lines(self, key: str) -> int:
        return [*self.crm.lines].count(key)

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        return self._signed(json.dumps([{"kind": kind, "ref": ref, "id": f"{kind}-{ref}"}]), self._secret)

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        genuine = self.webhook(kind, ref)
        return [
            replace(genuine, headers={}),
            replace(genuine, body=genuine.body + b" "),
            self._signed(genuine.body.decode(), "another"),
        ]

    def _signed(self, body: str, secret: str) -> WebhookRequest:
        content = body.encode()
        headers = {SIGNATURE: sign(secret, content)}
        return WebhookRequest("POST", ADDRESS, headers, content, datetime(2026, 1, 5, tzinfo=UTC))
