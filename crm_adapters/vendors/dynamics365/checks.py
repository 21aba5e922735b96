"""The check of a connection to Dynamics 365, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from crm_adapters.answers import Answer
from crm_adapters.errors import CRMError, ValidationFailed, VendorChanged
from crm_adapters.findings import judge_clock, try_step
from crm_adapters.model import Finding
from crm_adapters.scopes import compare_scopes
from crm_adapters.transport import Clock
from crm_adapters.vendors.dynamics365.api import Api

TABLES = {
    "contacts": "contactid", "accounts": "accountid", "products": "productid",
    "productpricelevels": "productpricelevelid", "productsubstitutes": "productsubstituteid",
    "salesorders": "salesorderid", "salesorderdetails": "salesorderdetailid",
    "opportunities": "opportunityid", "opportunityproducts": "opportunityproductid",
    "annotations": "annotationid", "transactioncurrencies": "transactioncurrencyid",
}  # fmt: skip
TRACKED = ("contacts", "products", "productpricelevels", "salesorders", "salesorderdetails")
READING = ("Contact", "Account", "Product", "SalesOrder", "Opportunity", "Note", "TransactionCurrency")
READ = frozenset(f"prvRead{name}" for name in READING)
"""Lines and prices go with what they are part of."""
WRITE = frozenset(
    {
        "prvCreateNote", "prvAppendNote", "prvAppendToContact", "prvWriteContact", "prvWriteOpportunity",
    }
)  # fmt: skip
ACTS = ("Create", "Write", "Delete", "Assign", "Share")
GRANTED_BY = "an administrator of the environment, in a security role of our application user"


@dataclass(frozen=True, slots=True)
class Checks:
    api: Api
    clock: Clock
    writes: bool

    def run(self) -> tuple[Finding, ...]:
        """Nothing more is tried where we are not let in."""
        answers: list[Answer] = []
        users: list[str] = []
        account = try_step("account", lambda: self._sign_in(answers, users), granted_by=GRANTED_BY)
        if not answers:
            return (account,)
        clock = judge_clock(answers[0].headers, self.clock())
        return (account, clock, *self._rights(users[0]), *self._reads(), *self._tracks(), _quota(answers[0]))

    def _sign_in(self, answers: list[Answer], users: list[str]) -> str:
        found, answer = self.api.ask("WhoAmI")
        users.append(str(found.get("UserId", "")))
        answers.append(answer)
        return "Signed in to the environment."

    def _rights(self, user: str) -> tuple[Finding, ...]:
        try:
            path = f"systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
            found = self.api.ask(path)[0].get("RolePrivileges")
            if not isinstance(found, list) or not all(one.get("PrivilegeName") for one in found):
                raise VendorChanged("the answer names no privileges")
        except CRMError as error:
            told = f"Privileges are not told ({type(error).__name__}); what is missing shows below."
            return (Finding("scopes", ok=True, message=told, warning=True),)
        granted = {str(one["PrivilegeName"]) for one in found}
        needed = READ | WRITE if self.writes else READ
        known = {f"prv{act}{name}" for act in ACTS for name in READING} | READ | WRITE
        return compare_scopes(granted, needed, granted_by=GRANTED_BY, known=known)

    def _reads(self) -> Iterator[Finding]:
        for table, key in TABLES.items():
            yield try_step(f"read {table}", partial(self._read, table, key), granted_by=GRANTED_BY)

    def _read(self, table: str, key: str) -> str:
        found, _ = self.api.ask(table, select=key, top="1")
        return "Can be read." if found.get("value") else "Can be read; there are none."

    def _tracks(self) -> Iterator[Finding]:
        for table in TRACKED:
            yield try_step(f"changes of {table}", partial(self._track, table), granted_by=GRANTED_BY)

    def _track(self, table: str) -> str:
        """It wants leave to read the whole organisation's, too."""
        try:
            self.api.track(table, (TABLES[table],), link=None, limit=1)
        except (ValidationFailed, VendorChanged):
            raise ValidationFailed("change tracking must be turned on in the table's settings") from None
        return "Are tracked."


def _quota(answer: Answer) -> Finding:
    left = answer.headers.get("x-ms-ratelimit-burst-remaining-xrm-requests")
    told = f"{left} calls are left in these five minutes." if left else "How many calls are left is not told."
    return Finding("quota", ok=True, message=told)
