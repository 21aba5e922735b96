"""The check of a connection to a shop, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from crm_adapters.answers import Answer
from crm_adapters.errors import AuthExpired, CRMError, NotFound, PermissionDenied
from crm_adapters.findings import judge_clock, try_step
from crm_adapters.model import Finding
from crm_adapters.scopes import compare_scopes
from crm_adapters.transport import Clock
from crm_adapters.vendors.woocommerce.api import Api

GRANTED_BY = "a shop manager, under WooCommerce › Settings › Advanced › REST API"
READING = ("customers", "products", "orders")


@dataclass(frozen=True, slots=True)
class Checks:
    api: Api
    clock: Clock
    writes: bool

    def run(self) -> tuple[Finding, ...]:
        """Nothing more is tried where we are not let in."""
        answers: list[Answer] = []
        shop = try_step("shop", lambda: self._sign_in(answers), granted_by=GRANTED_BY)
        if not answers:
            return (shop,)
        return (shop, judge_clock(answers[0].headers, self.clock()), *self._reads(), *self._scopes())

    def _sign_in(self, answers: list[Answer]) -> str:
        found, answer = self.api.ask("data/currencies/current")
        answers.append(answer)
        return f"Let in; the catalogue is in {found.get('code', '?')}."

    def _reads(self) -> Iterator[Finding]:
        for name in READING:
            yield try_step(f"read {name}", partial(self._read, name), granted_by=GRANTED_BY)

    def _read(self, name: str) -> str:
        found = self.api.list_some(name, {"per_page": "1"})
        return "Can be read." if found else "Can be read; there are none."

    def _scopes(self) -> tuple[Finding, ...]:
        """A key may read, or read and write; it is asked by a batch with nothing in it."""
        granted = {"read"}
        try:
            self.api.send("POST", "orders/batch", {"create": []})
            granted.add("write")
        except (PermissionDenied, AuthExpired, NotFound):
            pass
        except CRMError as error:
            told = f"WooCommerce does not tell whether the key may write ({type(error).__name__})."
            return (Finding("scopes", ok=True, message=told, warning=True),)
        needed = {"read", "write"} if self.writes else {"read"}
        return compare_scopes(granted, needed, granted_by=GRANTED_BY)
