"""The check of a connection to Dolibarr, step by step."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.errors import CRMError, PermissionDenied, VendorChanged
from crm_adapters.findings import judge_clock, try_step
from crm_adapters.model import Finding
from crm_adapters.scopes import compare_scopes
from crm_adapters.transport import Clock
from crm_adapters.vendors.dolibarr.api import RIGHTS, Api, Row
from crm_adapters.vendors.dolibarr.records import EXTRA, text
from crm_adapters.vendors.dolibarr.sales import Currency

OLDEST, NEWEST = 18, 22
NOTES = ("agendaevents", "users")
"""What is asked, and written, for a note."""
SEES_ALL = "societe.client.voir"
"""Without it a user sees only the third parties that are their own as a salesperson, and nothing tells."""
ADMINISTRATOR = "administrator"
BEYOND = frozenset(
    {
        ADMINISTRATOR, "societe.supprimer", "commande.creer", "commande.supprimer", "facture.creer",
        "facture.supprimer", "produit.creer", "produit.supprimer", "propal.supprimer", "user.user.creer",
        "agenda.allactions.create",
    } | {writes for _, writes in RIGHTS.values() if writes}
)  # fmt: skip
"""What may be too much; a Dolibarr has dozens of rights beside these that have nothing to do with us."""
GRANTED_BY = "a Dolibarr administrator, under Users & Groups › the user whose key this is › Permissions"


@dataclass(frozen=True, slots=True)
class Checks:
    api: Api
    clock: Clock
    currency: Currency
    paths: tuple[str, ...]
    """Lists that the connection reads."""
    writes: bool
    mapped: Mapping[str, Collection[str]]
    """Lists → fields that an admin has named."""

    def run(self) -> tuple[Finding, ...]:
        """Nothing more is tried where we are not let in."""
        answers: list[Answer] = []
        version = try_step("version", lambda: self._ask_version(answers), granted_by=GRANTED_BY)
        if not version.ok:
            return (version,)
        currency = try_step("currency", self._ask_currency)
        clock = judge_clock(answers[0].headers, self.clock())
        return (version, clock, *self._scopes(), *self._reads(), currency, *self._mapped())

    def _ask_version(self, answers: list[Answer]) -> str:
        found, answer = self.api.version()
        answers.append(answer)
        major = found.partition(".")[0]
        if not major.isdecimal() or int(major) < OLDEST:
            raise VendorChanged(f"Dolibarr is needed from version {OLDEST} on")
        return (
            f"Dolibarr {found}."
            if int(major) <= NEWEST
            else f"Dolibarr {found}; known are {OLDEST} to {NEWEST}."
        )

    def _ask_currency(self) -> str:
        return f"Prices are in {self.currency()}, before tax."

    def _reads(self) -> Iterator[Finding]:
        for path in self.paths:
            yield try_step(f"read {path}", partial(self._read, path), granted_by=GRANTED_BY)

    def _read(self, path: str) -> str:
        found = self.api.list_some(path, limit=1)
        return "Can be read." if found else "Can be read; there are none."

    def _mapped(self) -> Iterator[Finding]:
        """A complementary attribute that is not there is not read, and nobody would notice. Every record names all
        there are."""
        for path, names in self.mapped.items():
            try:
                rows = self.api.list_some(path, limit=1)
            except CRMError:
                continue
            known = [f"array_options.{name}" for row in rows for name in dict(row.get("array_options") or {})]
            missing = sorted(name for name in names if name.startswith(EXTRA) and name not in known)
            if rows and missing:
                told = f"{path} have no {', '.join(missing)}: correct the setting mapping."
                yield Finding("mapping", ok=True, message=told, warning=True)

    def _scopes(self) -> tuple[Finding, ...]:
        needed = {RIGHTS[path][0] for path in self.paths} | {SEES_ALL}
        written = [right for path in (*self.paths, *NOTES) for right in RIGHTS[path]] if self.writes else []
        needed |= {right for right in written if right}
        try:
            granted = self._granted()
        except CRMError as error:
            return (_untold(error, writes=self.writes),)
        return compare_scopes(granted, needed, granted_by=GRANTED_BY, known=BEYOND)

    def _granted(self) -> set[str]:
        found = self.api.get("users/info", {"includepermissions": "1"})
        if found is None:
            raise VendorChanged("Dolibarr does not tell whose key this is")
        rights = set(_flatten(found.get("rights")))
        if not rights:
            raise VendorChanged("Dolibarr tells no rights")
        return rights | ({ADMINISTRATOR} if text(found.get("admin")) == "1" else set())


def _untold(error: CRMError, *, writes: bool) -> Finding:
    """Who may not look at themselves may not own an event either, and those are our notes."""
    refused = isinstance(error, PermissionDenied)
    missing = (error.scope,) if isinstance(error, PermissionDenied) and writes else ()
    remedy = "notes need the right user.self.creer" if refused else "what is missing shows below"
    told = f"Dolibarr does not tell what is granted ({type(error).__name__}): {remedy}."
    return Finding("scopes", not missing, told, warning=True, missing=missing, granted_by=GRANTED_BY)


def _flatten(found: Any, before: str = "") -> Iterator[str]:
    """`{"societe": {"client": {"voir": 1}}}` as `societe.client.voir`."""
    rights: Mapping[str, Any] | Row = found if isinstance(found, dict) else {}
    for name, inner in rights.items():
        if isinstance(inner, dict):
            yield from _flatten(inner, f"{before}{name}.")
        elif text(inner) not in {"", "0"}:
            yield f"{before}{name}"
