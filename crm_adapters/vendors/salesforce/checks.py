"""The check of a connection to Salesforce, step by step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.errors import NotFound, PermissionDenied, ValidationFailed
from crm_adapters.findings import judge_clock, try_step
from crm_adapters.model import Finding
from crm_adapters.scopes import compare_scopes
from crm_adapters.transport import Clock
from crm_adapters.vendors.salesforce.api import Api

RIGHTS = {"Read": "queryable", "Create": "createable", "Edit": "updateable", "Delete": "deletable"}
"""As profiles name them → as the description of an object tells them."""
WRITES = frozenset({"Task: Create", "Task: Edit", "Contact: Edit"})
LINE_WRITES = frozenset({"OpportunityLineItem: Create", "OpportunityLineItem: Edit"})
COMES_ALONG = frozenset({"OpportunityLineItem: Delete"})
"""Nobody can take it away from who may edit opportunities."""
GRANTED_BY = "a Salesforce admin, in a permission set of the user that we sign in as"


@dataclass(frozen=True, slots=True)
class Checks:
    api: Api
    clock: Clock
    version: str
    objects: tuple[str, ...]
    key_field: str
    writes: bool

    def run(self) -> tuple[Finding, ...]:
        """Nothing more is tried where we are not let in."""
        answers: list[Answer] = []
        account = try_step("account", lambda: self._sign_in(answers), granted_by=GRANTED_BY)
        if not answers:
            return (account,)
        clock = judge_clock(answers[0].headers, self.clock())
        version = try_step("version", self._find_version)
        return (account, clock, version, *self._rights())

    def _sign_in(self, answers: list[Answer]) -> str:
        limits, answer = self.api.ask("limits")
        answers.append(answer)
        daily = limits.get("DailyApiRequests", {})
        return (
            f"Signed in; {daily.get('Remaining', '?')} of {daily.get('Max', '?')} calls of 24 hours are left."
        )

    def _find_version(self) -> str:
        if self.version not in self.api.versions():
            raise ValidationFailed(f"the org no longer has version {self.version} of the interface")
        return f"Version {self.version} of the interface is there."

    def _rights(self) -> Iterator[Finding]:
        found: dict[str, Mapping[str, Any]] = {}
        for name in self.objects:
            step = try_step(f"see {name}", partial(self._describe, name, found), granted_by=GRANTED_BY)
            if not step.ok:
                yield step
        granted = {
            f"{name}: {right}"
            for name, described in found.items()
            for right, flag in RIGHTS.items()
            if described.get(flag)
        }
        yield from compare_scopes(granted - COMES_ALONG, self._needed(), granted_by=GRANTED_BY)
        yield from self._keys(found)

    def _describe(self, name: str, found: dict[str, Mapping[str, Any]]) -> str:
        try:
            found[name] = self.api.describe(name)
        except NotFound:
            raise PermissionDenied("the object is not to be seen", scope=f"{name}: Read") from None
        return "Can be seen."

    def _needed(self) -> frozenset[str]:
        reading = frozenset(f"{name}: Read" for name in self.objects)
        if not self.writes:
            return reading
        return reading | WRITES | LINE_WRITES

    def _keys(self, found: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
        """Without the field two writers at once may both write."""
        if not self.key_field:
            message = "No unique external id is named for our keys (setting key_field)."
            yield Finding("keys", ok=True, message=message, warning=self.writes)
            return
        for name in ("Task", "OpportunityLineItem"):
            yield try_step(f"key of {name}", partial(self._find_key, found.get(name, {})))

    def _find_key(self, described: Mapping[str, Any]) -> str:
        named = [one for one in described.get("fields", ()) if one.get("name") == self.key_field]
        if not named or not named[0].get("externalId"):
            raise ValidationFailed(f"there is no external id {self.key_field}, or it is hidden from us")
        return "Holds our keys."
