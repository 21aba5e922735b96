"""The check of a connection to HubSpot, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from crm_adapters.answers import Answer
from crm_adapters.errors import CRMError, ValidationFailed
from crm_adapters.findings import judge_clock, try_step
from crm_adapters.model import Finding
from crm_adapters.scopes import compare_scopes
from crm_adapters.transport import Clock
from crm_adapters.vendors.hubspot.api import Api

READING = ("contacts", "companies", "deals", "line_items", "products")
READ_SCOPES = frozenset(f"crm.objects.{name}.read" for name in READING)
WRITE_SCOPES = frozenset({"crm.objects.contacts.write"})
"""Notes go with contacts."""
LINE_SCOPES = frozenset({"crm.objects.line_items.write"})
SIGN_IN = frozenset({"oauth"})
"""Every app has it."""
GRANTED_BY = (
    "a super admin of the HubSpot account, under Development or Settings › Integrations › Private Apps"
)


@dataclass(frozen=True, slots=True)
class Checks:
    api: Api
    clock: Clock
    writes: bool
    key_property: str

    def run(self) -> tuple[Finding, ...]:
        """Nothing more is tried where we are not let in."""
        answers: list[Answer] = []
        account = try_step("account", lambda: self._sign_in(answers), granted_by=GRANTED_BY)
        if not answers:
            return (account,)
        clock = judge_clock(answers[0].headers, self.clock())
        return (account, clock, *self._scopes(), *self._reads(), *self._keys(), _quota(answers[0]))

    def _sign_in(self, answers: list[Answer]) -> str:
        account, answer = self.api.ask("account-info/v3/details")
        answers.append(answer)
        portal, currency = account.get("portalId", "?"), account.get("companyCurrency", "?")
        return f"Signed in to portal {portal}, amounts in {currency}."

    def _needed(self) -> frozenset[str]:
        writing = WRITE_SCOPES | LINE_SCOPES if self.key_property else WRITE_SCOPES
        return READ_SCOPES | writing if self.writes else READ_SCOPES

    def _scopes(self) -> tuple[Finding, ...]:
        try:
            granted = self.api.granted_scopes()
        except CRMError as error:
            message = f"HubSpot does not tell what is granted ({type(error).__name__}); what is missing shows below."
            return (Finding("scopes", ok=True, message=message, warning=True),)
        return compare_scopes(granted - SIGN_IN, self._needed(), granted_by=GRANTED_BY)

    def _reads(self) -> Iterator[Finding]:
        for name in READING:
            yield try_step(f"read {name}", partial(self._read, name), granted_by=GRANTED_BY)

    def _read(self, name: str) -> str:
        found = self.api.list_all(name, (), limit=1, after=None)
        return "Can be read." if found.rows else "Can be read; there are none."

    def _keys(self) -> Iterator[Finding]:
        """Without the property each write asks more, and two writers at once may both write."""
        if not self.key_property:
            message = "No unique property is named; no lines are put on deals (setting key_property)."
            yield Finding("keys", ok=True, message=message, warning=self.writes)
            return
        for name in ("notes", "line_items"):
            yield try_step(f"key of {name}", partial(self._find_key, name), granted_by=GRANTED_BY)

    def _find_key(self, name: str) -> str:
        found, _ = self.api.ask(f"crm/v3/properties/{name}/{self.key_property}")
        if not found.get("hasUniqueValue"):
            raise ValidationFailed(
                f"the property {self.key_property} of {name} must be made with unique values"
            )
        return "Holds unique values."


def _quota(answer: Answer) -> Finding:
    left = answer.headers.get("X-HubSpot-RateLimit-Daily-Remaining")
    told = f"{left} calls are left today." if left else "HubSpot does not tell how many calls are left."
    return Finding("quota", ok=True, message=told, warning=left == "0")
