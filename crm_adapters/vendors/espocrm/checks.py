"""The check of a connection to EspoCRM, step by step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.errors import CRMError, NotFound, ValidationFailed, VendorChanged
from crm_adapters.findings import judge_clock, try_step
from crm_adapters.model import Finding
from crm_adapters.scopes import compare_scopes
from crm_adapters.transport import Clock
from crm_adapters.vendors.espocrm.api import Api
from crm_adapters.vendors.espocrm.sales import QUOTE, Sales

GRANTED_BY = "an administrator of EspoCRM, in a role of the API user (Administration › Roles)"
ACTIONS = ("create", "read", "edit", "delete", "stream")
PACK = ("Product", QUOTE)
"""Beside what purchases are kept in."""
REDUCED = frozenset({"team", "own"})


@dataclass(frozen=True, slots=True)
class Checks:
    api: Api
    sales: Sales
    clock: Clock
    writes: bool

    def run(self) -> tuple[Finding, ...]:
        """Nothing more is tried where we are not let in."""
        answers: list[tuple[Mapping[str, Any], Answer]] = []
        account = try_step("account", lambda: self._sign_in(answers), granted_by=GRANTED_BY)
        if not answers:
            return (account,)
        user, answer = answers[0]
        return (
            account,
            judge_clock(answer.headers, self.clock()),
            self._version(),
            *self._scopes(user),
            *self._edition(),
            *self._reads(),
        )

    def _sign_in(self, answers: list[tuple[Mapping[str, Any], Answer]]) -> str:
        found, answer = self.api.ask("App/user")
        if not isinstance(found.get("acl"), dict):
            raise VendorChanged("the answer does not tell what we may do")
        answers.append((found, answer))
        settings = found.get("settings")
        currency = settings.get("defaultCurrency", "?") if isinstance(settings, dict) else "?"
        return f"Signed in; amounts are usually in {currency}."

    def _version(self) -> Finding:
        """Told since version 8.1."""
        try:
            told = f"EspoCRM {self.api.ask('App/about')[0].get('version', '?')}."
        except NotFound:
            told = "EspoCRM does not tell its version: it is older than 8.1."
        except CRMError as error:
            told = f"EspoCRM does not tell its version ({type(error).__name__})."
        return Finding("version", ok=True, message=told)

    @property
    def _entities(self) -> tuple[str, ...]:
        shape = self.sales.shape
        return ("Contact", "Account", "Case", shape.entity, *(PACK if shape.itemized else ()))

    def _scopes(self, user: Mapping[str, Any]) -> Iterator[Finding]:
        """What is allowed is told by levels, from `no` by `own` and `team` to `all`."""
        table = user["acl"].get("table") or {}
        levels = {
            f"{entity}: {action}": str(rights.get(action, "no"))
            for entity in self._entities
            if isinstance(rights := table.get(entity), dict)
            for action in ACTIONS
        }
        granted = {right for right, level in levels.items() if level != "no"}
        known = set(levels) - {f"{entity}: stream" for entity in self._entities}
        needed = self._needed()
        yield from compare_scopes(granted, needed, granted_by=GRANTED_BY, known=known)
        yield from _judge_levels({right: levels[right] for right in needed & granted})

    def _needed(self) -> frozenset[str]:
        reading = frozenset(f"{entity}: read" for entity in self._entities)
        if not self.writes:
            return reading
        lines = {f"{QUOTE}: edit"} if self.sales.shape.itemized else set()
        return reading | lines | {"Contact: edit", "Contact: stream"}

    def _edition(self) -> Iterator[Finding]:
        """What purchases are kept in decides what we can do; the setting and the installation may differ."""
        if self.sales.shape.itemized:
            states: list[str] = []
            yield try_step("Sales Pack", lambda: self._find_documents(states), granted_by=GRANTED_BY)
            yield from self._judge_states(states)
            return
        yield self._look_for_pack()
        yield try_step("stages", self._find_stages)

    def _look_for_pack(self) -> Finding:
        try:
            found = self.api.metadata("scopes.SalesOrder.entity") is True
        except CRMError:
            found = False
        told = (
            "The Sales Pack is installed: with purchases=orders or invoices its lines and products are read."
            if found
            else "No documents of the Sales Pack are to be seen: opportunities are purchases, and have no lines."
        )
        return Finding("Sales Pack", ok=True, message=told, warning=found)

    def _find_documents(self, states: list[str]) -> str:
        entity = self.sales.shape.entity
        found = self.api.metadata(f"entityDefs.{entity}.fields.status.options")
        if not isinstance(found, list):
            raise ValidationFailed(
                f"there is no {entity} to be seen: set purchases=opportunities, or have the Sales Pack installed"
            )
        states += map(str, found)
        return f"{entity} has lines."

    def _judge_states(self, states: list[str]) -> Iterator[Finding]:
        unknown = self.sales.find_unknown(states)
        if unknown:
            told = f"Name in the setting `statuses` what is meant by: {', '.join(unknown)}."
            yield Finding("states", ok=True, message=told, warning=True)

    def _find_stages(self) -> str:
        return f"{len(self.sales.stages)} stages of opportunities are understood."

    def _reads(self) -> Iterator[Finding]:
        for entity in self._entities:
            yield try_step(f"read {entity}", partial(self._read, entity), granted_by=GRANTED_BY)

    def _read(self, entity: str) -> str:
        return "Can be read." if self.api.select(entity, [], limit=1) else "Can be read; there are none."


def _judge_levels(levels: Mapping[str, str]) -> Iterator[Finding]:
    """Allowed, and not for every record."""
    reduced = sorted(right for right, level in levels.items() if level in REDUCED)
    if reduced:
        told = f"Not for every record: {', '.join(reduced)}. What is hidden from us does not exist for us."
        yield Finding("levels", ok=True, message=told, warning=True, granted_by=GRANTED_BY)
