"""A call that a CRM refuses for its secrets is made again with the connection's others, and none is made twice."""

from collections.abc import Iterator
from typing import Any

import pytest

from assist.services.relay import Other, hand_on
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import AuthExpired, AuthRevoked, CRMError, NotFound, NotTrusted, PermissionDenied
from crm_adapters.model import Order, WebhookRequest
from crm_adapters.testing import MemoryAdapter, MemoryCRM
from tests.assist.conftest import HandClock
from tests.assist.crms import customer, order, product


class Keyed(MemoryAdapter):
    """Refuses from some call on, or from some order on."""

    def __init__(self, crm: MemoryCRM, *, refuses: CRMError | None = None, after: int = 0) -> None:
        super().__init__({"crm": crm, "webhook_secret": "s"})
        self.refuses = refuses
        self.after = after
        self.asked = 0

    def _serve(self) -> None:
        self.asked += 1
        if self.refuses and self.asked > self.after:
            raise self.refuses

    def get_customer(self, ref: str) -> Any:
        self._serve()
        return super().get_customer(ref)

    def orders(self, customer_ref: str, *, since: Any = None) -> Iterator[Order]:
        for one in super().orders(customer_ref, since=since):
            self._serve()
            yield one

    def read_webhook(self, request: WebhookRequest) -> Any:
        self._serve()
        return []


@pytest.fixture
def crm() -> MemoryCRM:
    crm = MemoryCRM()
    crm.put(customer("C1"), product("CASE"), *(order(f"O{day}", "C1", "CASE", days=day) for day in range(4)))
    return crm


def relayed(first: Keyed, *others: Keyed, told: list[int] | None = None) -> CRMAdapter:
    def list_others() -> Iterator[Other]:
        for number, other in enumerate(others):
            yield other, lambda number=number: (told if told is not None else []).append(number)  # type: ignore[misc]

    return hand_on(first, list_others)


@pytest.mark.parametrize("refusal", [AuthExpired("401"), AuthRevoked("gone")])
def test_what_is_refused_goes_on_with_the_first_that_is_taken(crm: MemoryCRM, refusal: CRMError) -> None:
    told: list[int] = []
    first, bad, good = Keyed(crm, refuses=refusal), Keyed(crm, refuses=refusal), Keyed(crm)
    adapter = relayed(first, bad, good, told=told)
    assert adapter.get_customer("C1").ref == "C1"
    assert told == [1]
    adapter.get_customer("C1")
    assert (first.asked, bad.asked, good.asked) == (1, 1, 2), "the next call begins where the last was taken"


def test_where_all_are_refused_the_first_refusal_is_told(crm: MemoryCRM) -> None:
    with pytest.raises(AuthRevoked, match="mine"):
        relayed(
            Keyed(crm, refuses=AuthRevoked("mine")), Keyed(crm, refuses=AuthExpired("other"))
        ).get_customer("C1")


@pytest.mark.parametrize("error", [NotFound("no"), PermissionDenied("no", scope="x")])
def test_other_failures_are_no_reason_for_another_secret(crm: MemoryCRM, error: CRMError) -> None:
    other = Keyed(crm)
    with pytest.raises(type(error)):
        relayed(Keyed(crm, refuses=error), other).get_customer("C1")
    assert other.asked == 0


def test_orders_that_were_told_are_not_told_again(crm: MemoryCRM) -> None:
    adapter = relayed(Keyed(crm, refuses=AuthExpired("401"), after=2), Keyed(crm))
    assert [one.ref for one in adapter.orders("C1")] == ["O3", "O2", "O1", "O0"]


def test_a_webhook_signed_with_the_other_secret_is_believed(crm: MemoryCRM, clock: HandClock) -> None:
    request = WebhookRequest("POST", "https://assist.example.com/", {}, b"", clock.now())
    assert relayed(Keyed(crm, refuses=NotTrusted("signature")), Keyed(crm)).read_webhook(request) == []
