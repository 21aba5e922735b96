"""The check of a connection to Zoho, step by step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from crm_adapters.errors import PermissionDenied
from crm_adapters.findings import judge_clock, try_step
from crm_adapters.model import Finding
from crm_adapters.transport import Clock
from crm_adapters.vendors.zoho.account import Account
from crm_adapters.vendors.zoho.api import Api

MODULES = ("Contacts", "Accounts", "Products", "Sales_Orders", "Quotes")
READ_SCOPES = (
    "ZohoCRM.modules.contacts.READ", "ZohoCRM.modules.accounts.READ", "ZohoCRM.modules.products.READ",
    "ZohoCRM.modules.salesorders.READ", "ZohoCRM.modules.quotes.READ", "ZohoCRM.modules.notes.READ",
    "ZohoCRM.coql.READ", "ZohoSearch.securesearch.READ", "ZohoCRM.settings.fields.READ", "ZohoCRM.org.READ",
)  # fmt: skip
WRITE_SCOPES = (
    "ZohoCRM.modules.contacts.UPDATE",
    "ZohoCRM.modules.notes.CREATE",
    "ZohoCRM.modules.quotes.UPDATE",
)
GRANTED_BY = "an administrator of Zoho CRM, by signing the connection in again"


@dataclass(frozen=True, slots=True)
class Checks:
    api: Api
    account: Account
    clock: Clock
    writes: bool

    def run(self) -> tuple[Finding, ...]:
        """Nothing more is tried where we are not let in."""
        account = try_step("account", self._sign_in, granted_by=GRANTED_BY)
        if not account.ok:
            return (account,)
        answer = self.account.facts[2]
        left = answer.headers.get("X-API-CREDITS-REMAINING")
        told = f"{left} credits are left." if left else "More than half of the credits are left."
        quota = Finding("quota", ok=True, message=told, warning=left == "0")
        return (
            account,
            judge_clock(answer.headers, self.clock()),
            quota,
            *self._steps(),
            *self._writing(),
        )

    def _sign_in(self) -> str:
        try:
            return f"Signed in; amounts are in {self.account.currency}."
        except PermissionDenied as error:
            raise PermissionDenied(str(error), scope="ZohoCRM.org.READ") from None

    def _steps(self) -> Iterator[Finding]:
        for module in MODULES:
            scope = f"ZohoCRM.modules.{module.replace('_', '').lower()}.READ"
            yield self._try(f"read {module}", partial(self._read, module), scope)
        yield self._try("COQL", self._select, "ZohoCRM.coql.READ")
        yield self._try("search", self._search, "ZohoSearch.securesearch.READ")
        yield self._try("fields", self._list_fields, "ZohoCRM.settings.fields.READ")

    def _try(self, name: str, step: Callable[[], None], scope: str) -> Finding:
        def run() -> str:
            try:
                step()
            except PermissionDenied as error:
                raise PermissionDenied(str(error), scope=error.scope or scope) from None
            return "Works."

        return try_step(name, run, granted_by=GRANTED_BY)

    def _read(self, module: str) -> None:
        self.api.ask(module, {"fields": "id", "per_page": "1"})

    def _select(self) -> None:
        self.api.select("Contacts", ("id",), "id > '0'", limit=1)

    def _search(self) -> None:
        self.api.search("Contacts", "email", "nobody@example.com", ("id",))

    def _list_fields(self) -> None:
        self.api.ask("settings/fields", {"module": "Contacts"})

    def _writing(self) -> tuple[Finding, ...]:
        """Zoho tells nobody what a token may do."""
        if not self.writes:
            return ()
        told = f"Whether we may write shows with the first note; it needs {', '.join(WRITE_SCOPES)}."
        return (Finding("writing", ok=True, message=told),)
