"""The contract of webhooks: believed only when they are genuine, and then no more than a hint."""

from datetime import UTC, datetime

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import NotTrusted, Unsupported
from crm_adapters.model import Kind, WebhookRequest
from crm_adapters.testing.stage import Stage
from crm_adapters.testing.world import World
from crm_adapters.testing.writing import needs

ANY = WebhookRequest("POST", "https://example.com/webhooks/1", {}, b"[]", datetime(2026, 1, 5, tzinfo=UTC))


class HintsContract:
    def test_a_webhook_names_what_changed(self, adapter: CRMAdapter, world: World, stage: Stage) -> None:
        needs(adapter.capabilities.webhooks, "webhooks")
        first = stage.webhook(Kind.CUSTOMERS, world.customer_ref)
        hints = adapter.read_webhook(first)
        assert (Kind.CUSTOMERS, world.customer_ref) in {(hint.kind, hint.ref) for hint in hints}
        assert adapter.read_webhook(first) == hints, "a repeated delivery has the same ids"
        other = adapter.read_webhook(stage.webhook(Kind.CUSTOMERS, min(world.shared_refs)))
        assert not {hint.id for hint in hints} & {hint.id for hint in other}

    def test_a_webhook_that_anybody_can_send_is_not_believed(
        self, adapter: CRMAdapter, world: World, stage: Stage
    ) -> None:
        needs(adapter.capabilities.webhooks, "webhooks")
        forgeries = stage.forge_webhooks(Kind.CUSTOMERS, world.customer_ref)
        assert forgeries
        for forged in forgeries:
            with pytest.raises(NotTrusted):
                adapter.read_webhook(forged)

    def test_webhooks_are_refused_where_not_declared(self, adapter: CRMAdapter) -> None:
        if not adapter.capabilities.webhooks:
            with pytest.raises(Unsupported):
                adapter.read_webhook(ANY)
