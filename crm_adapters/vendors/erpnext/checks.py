"""The check of a connection to ERPNext, step by step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from crm_adapters.answers import Answer
from crm_adapters.errors import AuthExpired, CRMError, NotFound, ValidationFailed
from crm_adapters.findings import judge_clock, try_step
from crm_adapters.model import Finding
from crm_adapters.scopes import compare_scopes
from crm_adapters.vendors.erpnext.api import Api, Filters
from crm_adapters.vendors.erpnext.catalogue import PRICE
from crm_adapters.vendors.erpnext.fields import read_meta
from crm_adapters.vendors.erpnext.records import ADDRESS, CONTACT, CUSTOMER, ITEM, Fields
from crm_adapters.vendors.erpnext.sales import INVOICE, ORDER, QUOTATION

READING = (CUSTOMER, CONTACT, ADDRESS, ITEM, PRICE, ORDER, QUOTATION)
WRITING = ((CUSTOMER, "write"), (QUOTATION, "write"))
BEYOND = ((CUSTOMER, "delete"), (ITEM, "write"), (ORDER, "write"), (ORDER, "submit"), (INVOICE, "write"))
"""What the role Sales User and others bring, and nobody needs for this."""
GRANTED_BY = (
    "a System Manager of ERPNext, in the Role Permissions Manager, for a role of the user whose key this is"
    " (cases, deletions, invoices, relations and stock can be left out by the setting without)"
)
OLDEST = 14
VERSIONS_METHOD = "frappe.utils.change_log.get_versions"
PERMISSION_METHOD = "frappe.client.has_permission"


@dataclass(frozen=True, slots=True)
class Checks:
    api: Api
    fields: Fields
    price_lists: Sequence[str]
    writes: bool
    options: Sequence[str]
    """Doctypes that are read because the settings do not leave them out."""

    def run(self) -> tuple[Finding, ...]:
        """Nothing more is tried where we are not let in."""
        answers: list[Answer] = []
        account = try_step("account", lambda: self._sign_in(answers))
        if not account.ok:
            return (account,)
        clock = judge_clock(answers[0].headers, self.api.site.now())
        zone = try_step("time zone", self._find_zone)
        names: dict[str, str] = {}
        reads = [self._try_read(one, names) for one in (*READING, *self.options)]
        scopes = self._scopes(names, {finding.name.removeprefix("read ") for finding in reads if finding.ok})
        return (
            account,
            clock,
            zone,
            self._find_version(),
            *reads,
            *scopes,
            *self._mapped(),
            *self._priced(names),
        )

    def _sign_in(self, answers: list[Answer]) -> str:
        """Older versions let a wrong key in as a guest."""
        answers.append(self.api.client.read("api/method/frappe.auth.get_logged_user"))
        if self.api.site.ask_user() in {"", "Guest"}:
            raise AuthExpired("ERPNext does not know the key")
        return "The key is good."

    def _find_zone(self) -> str:
        return f"The site's is {self.api.site.time.zone.key}."

    def _find_version(self) -> Finding:
        """Whoever may not ask still gets on."""
        try:
            found = self.api.ask(VERSIONS_METHOD)
            version = str(found["erpnext"]["version"])
            major = int(version.partition(".")[0])
        except (CRMError, KeyError, TypeError, ValueError):
            message = "ERPNext does not tell its version, or is not installed on this Frappe site."
            return Finding("version", ok=True, message=message, warning=True)
        told = f"ERPNext {version}{'' if major >= OLDEST else f': {OLDEST} or later is needed'}."
        return Finding("version", ok=major >= OLDEST, message=told)

    def _try_read(self, doctype: str, names: dict[str, str]) -> Finding:
        return try_step(f"read {doctype}", partial(self._read, doctype, names), granted_by=GRANTED_BY)

    def _read(self, doctype: str, names: dict[str, str]) -> str:
        found = self.api.find(doctype, [], ["name"], limit=1)
        if found:
            names[doctype] = str(found[0]["name"])
        return "Can be read." if found else "Can be read; there are none."

    def _scopes(self, names: dict[str, str], read: set[str]) -> tuple[Finding, ...]:
        """Frappe tells of documents what may be done with them; where there is none yet, it cannot be told."""
        asked = [(doctype, right) for doctype, right in (*WRITING, *BEYOND) if doctype in names]
        told = [f"{doctype}: {right}" for doctype, right in asked]
        wanted = {f"{doctype}: {right}" for doctype, right in WRITING} & {*told} if self.writes else set()
        needed = {f"{doctype}: read" for doctype in (*READING, *self.options)} | wanted
        try:
            granted = {name for name, one in zip(told, asked, strict=True) if self._may(*one, names[one[0]])}
        except CRMError as error:
            message = f"ERPNext does not tell what is granted ({type(error).__name__})."
            return (Finding("scopes", ok=True, message=message, warning=True),)
        reading = {f"{doctype}: read" for doctype in read}
        return compare_scopes(granted | reading, needed, granted_by=GRANTED_BY, known=told)

    def _may(self, doctype: str, right: str, name: str) -> bool:
        answer = self.api.ask(PERMISSION_METHOD, doctype=doctype, docname=name, perm_type=right)
        return isinstance(answer, dict) and bool(answer.get("has_permission"))

    def _mapped(self) -> Iterator[Finding]:
        """A field that is not there fails every list."""
        names = {CUSTOMER: {**self.fields.customer, **self.fields.company}, ITEM: dict(self.fields.product)}
        for doctype, fields in names.items():
            finding = try_step("mapping", partial(self._require_fields, doctype, fields))
            if not finding.ok:
                yield finding

    def _require_fields(self, doctype: str, fields: dict[str, str]) -> str:
        missing = sorted(set(fields.values()) - read_meta(self.api, doctype).keys())
        if missing:
            raise ValidationFailed(
                f"{doctype} has no field {', '.join(missing)}: correct the setting mapping"
            )
        return "All fields are there."

    def _priced(self, names: dict[str, str]) -> Iterator[Finding]:
        """A price list that nobody uses is most likely spelled wrong."""
        for one in self.price_lists if PRICE in names else ():
            finding = try_step("price lists", partial(self._require_prices, one))
            if not finding.ok:
                yield Finding("price lists", ok=True, message=finding.message, warning=True)

    def _require_prices(self, price_list: str) -> str:
        filters: Filters = [["price_list", "=", price_list], ["selling", "=", 1]]
        if not self.api.find(PRICE, filters, ["name"], limit=1):
            raise NotFound(f"no item has a price in the list {price_list}: see the setting price_lists")
        return "There are prices."
