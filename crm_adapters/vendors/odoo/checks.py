"""The check of a connection to Odoo, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass

from crm_adapters.answers import Answer
from crm_adapters.errors import CRMError, ValidationFailed, VendorChanged
from crm_adapters.findings import judge_clock, try_step
from crm_adapters.model import Finding
from crm_adapters.scopes import compare_scopes
from crm_adapters.transport import Clock
from crm_adapters.vendors.odoo.api import Api, Row
from crm_adapters.vendors.odoo.records import PARTNER, PRODUCT, Fields
from crm_adapters.vendors.odoo.sales import LINE, ORDER
from crm_adapters.vendors.odoo.writing import MESSAGE, NAMES

READING = frozenset({f"{model}: read" for model in (PARTNER, PRODUCT, ORDER, LINE, MESSAGE)})
WRITING = frozenset({f"{PARTNER}: write", f"{LINE}: create", f"{NAMES}: read"})
BEYOND = frozenset({"res.users: write", f"{PRODUCT}: write", f"{ORDER}: unlink"})
"""What an administrator may, and nobody needs for this."""
GRANTED_BY = "an Odoo administrator, under Settings › Users, by the groups of the user whose key this is"
ASKS_HAS_ACCESS = 18


@dataclass(frozen=True, slots=True)
class Checks:
    api: Api
    clock: Clock
    fields: Fields
    writes: bool
    companies: bool
    """Some are named in the settings."""

    def run(self) -> tuple[Finding, ...]:
        """Nothing more is tried where we are not let in."""
        answers: list[Answer] = []
        version = try_step("version", lambda: self._ask_version(answers))
        if not version.ok:
            return (version,)
        clock = judge_clock(answers[0].headers, self.clock())
        users: list[Row] = []
        user = try_step("user", lambda: self._sign_in(users), granted_by=GRANTED_BY)
        if not users:
            return (version, clock, user)
        return (
            version,
            clock,
            user,
            *self._scopes(),
            *self._reads(),
            *self._about(users[0]),
            *self._mapped(),
        )

    def _ask_version(self, answers: list[Answer]) -> str:
        release, answer = self.api.session.ask_release()
        answers.append(answer)
        return f"Odoo {release.text}."

    def _sign_in(self, users: list[Row]) -> str:
        found = self.api.call("res.users", "context_get")
        uid = found.get("uid") if isinstance(found, dict) else None
        number = uid or self.api.server.uid
        rows = self.api.search("res.users", [["id", "=", number]], ["login", "email", "company_ids"])
        if not rows or rows[0]["id"] != number:
            raise VendorChanged("Odoo does not tell whose key this is")
        users.append(rows[0])
        return "The key is good."

    def _scopes(self) -> tuple[Finding, ...]:
        needed = READING | (WRITING if self.writes else frozenset())
        asked = READING | WRITING | BEYOND
        try:
            granted = {scope for scope in sorted(asked) if self._may(*scope.split(": "))}
        except CRMError as error:
            message = (
                f"Odoo does not tell what is granted ({type(error).__name__}); what is missing shows below."
            )
            return (Finding("scopes", ok=True, message=message, warning=True),)
        return compare_scopes(granted, needed, granted_by=GRANTED_BY, known=BEYOND)

    def _may(self, model: str, operation: str) -> bool:
        if self.api.server.release.major >= ASKS_HAS_ACCESS:
            return self.api.call(model, "has_access", operation=operation) is True
        answer = self.api.call(model, "check_access_rights", operation=operation, raise_exception=False)
        return answer is True

    def _reads(self) -> Iterator[Finding]:
        for model in (PARTNER, PRODUCT, ORDER, LINE):
            yield try_step(f"read {model}", lambda model=model: self._read(model), granted_by=GRANTED_BY)  # type: ignore[misc]  # a default keeps the name

    def _read(self, model: str) -> str:
        found = self.api.search(model, [], ["write_date"], limit=1)
        return "Can be read." if found else "Can be read; there are none."

    def _about(self, user: Row) -> Iterator[Finding]:
        if self.writes:
            yield try_step("user's e-mail", lambda: _require_email(user))
        if len(user["company_ids"]) > 1 and not self.companies:
            message = (
                "The user belongs to several companies; the setting company_ids says whose records are meant."
            )
            yield Finding("companies", ok=True, message=message, warning=True)

    def _mapped(self) -> Iterator[Finding]:
        """A field that is not there is not read, and nobody would notice."""
        kinds = {PARTNER: {**self.fields.customer, **self.fields.company}, PRODUCT: dict(self.fields.product)}
        for model, names in kinds.items():
            missing = sorted(set(names.values()) - self.api.server.fields[model])
            if missing:
                message = f"{model} has no field {', '.join(missing)}: correct the setting mapping."
                yield Finding("mapping", ok=True, message=message, warning=True)


def _require_email(user: Row) -> str:
    if not user["email"]:
        raise ValidationFailed("Odoo takes no notes of a user without an e-mail: enter one at the user")
    return "There is one, as notes need."
