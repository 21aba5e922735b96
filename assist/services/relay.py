"""Work that began with secrets which the CRM takes no more goes on with the connection's others."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import AuthExpired, AuthRevoked, CRMError, NotTrusted
from crm_adapters.model import Order

CALLS = (
    "find_customers",
    "get_customer",
    "changes",
    "get_company",
    "open_deals",
    "relations",
    "log_outcome",
    "find_outcome",
    "add_line",
    "update_customer",
    "describe_fields",
    "read_webhook",
)
"""What an adapter is asked for at once; `orders` come one by one, and `check` is to say what is wrong."""
REFUSED: tuple[type[CRMError], ...] = (AuthExpired, AuthRevoked, NotTrusted)
"""Nothing was done: asking again with other secrets does nothing twice."""

Other = tuple[CRMAdapter, Callable[[], None]]
"""An adapter with other secrets, and whom to tell that the CRM took them."""
Others = Callable[[], Iterator[Other]]


def hand_on(adapter: CRMAdapter, others: Others) -> CRMAdapter:
    """The same adapter, whose calls are made again with the others' secrets where its own are refused."""
    relay = _Relay(adapter, others)
    for name in CALLS:
        setattr(adapter, name, relay.takes(name))
    adapter.orders = relay.orders  # type: ignore[method-assign]  # - of this one adapter
    return adapter


class _Relay:
    def __init__(self, adapter: CRMAdapter, others: Others) -> None:
        self._others = others
        self._runner = {name: getattr(adapter, name) for name in (*CALLS, "orders")}

    def takes(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            try:
                return self._runner[name](*args, **options)
            except REFUSED as error:
                return self._again(error, lambda runner: runner[name](*args, **options))

        return call

    def orders(self, *args: Any, **options: Any) -> Iterator[Order]:
        told = 0
        try:
            for order in self._runner["orders"](*args, **options):
                yield order
                told += 1
        except REFUSED as error:
            rest = self._again(
                error, lambda runner: list(islice(runner["orders"](*args, **options), told, None))
            )
            yield from rest

    def _again(self, refused: CRMError, ask: Callable[[dict[str, Any]], Any]) -> Any:
        """The first answer of another. Raises what was refused where all of them are."""
        for other, note in self._others():
            runner = {name: getattr(other, name) for name in (*CALLS, "orders")}
            try:
                answer = ask(runner)
            except REFUSED:
                continue
            self._runner = runner
            note()
            return answer
        raise refused
