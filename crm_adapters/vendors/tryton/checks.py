"""The check of a connection to Tryton, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from crm_adapters.answers import Answer
from crm_adapters.errors import PermissionDenied, ValidationFailed
from crm_adapters.findings import judge_clock, try_step
from crm_adapters.model import Finding
from crm_adapters.scopes import compare_scopes
from crm_adapters.transport import Clock
from crm_adapters.vendors.tryton.api import Api
from crm_adapters.vendors.tryton.catalogue import NOTHING_IN_STOCK, Catalogue
from crm_adapters.vendors.tryton.records import TELEPHONES
from crm_adapters.vendors.tryton.rights import Right, for_reading, name_right

READING = ("party.party", "product.product", "sale.sale", "company.company")
WRITING: tuple[Right, ...] = (("ir.note", "create"), ("party.party", "write"), ("sale.line", "create"))
"""A note can be written by whoever may change what it is about."""
MODES = ("write", "create", "delete")
JUDGED = ("party.party", "product.product", "product.template", "sale.sale", "res.user", "ir.model.access")
"""Not needed of these is reported. Rights to much else come with every group."""
ADMINISTRATOR = "administrator"
GRANTED_BY = "an administrator of Tryton, under Administration › Users: groups Sales and Sale Opportunity"


@dataclass(frozen=True, slots=True)
class Checks:
    api: Api
    clock: Clock
    writes: bool
    opportunities: bool
    catalogue: Catalogue | None
    """Whose stock is read; None where it is not."""

    def run(self) -> tuple[Finding, ...]:
        """Nothing more is tried where we are not let in."""
        answers: list[Answer] = []
        account = try_step("account", lambda: self._sign_in(answers), granted_by=GRANTED_BY)
        if not answers:
            return (account,)
        clock = judge_clock(answers[0].headers, self.clock())
        return (
            account,
            clock,
            *self._judge_rights(),
            *self._reads(),
            try_step("company", self._find_company),
            *self._judge_stock(),
        )

    def _sign_in(self, answers: list[Answer]) -> str:
        """Anew: a session that is in use goes on when the password has changed."""
        self.api.rpc.sign_in(None)
        _, answer = self.api.rpc.ask("model.res.user.get_preferences", True, {})  # noqa: FBT003 - theirs: as context
        answers.append(answer)
        return f"Signed in to Tryton {self.api.rpc.version}."

    def _judge_rights(self) -> tuple[Finding, ...]:
        steps: list[Finding] = []
        told = try_step("permissions", lambda: self._compare(steps), granted_by=GRANTED_BY)
        return tuple(steps) if told.ok else (told,)

    def _compare(self, steps: list[Finding]) -> str:
        needed = [right for right in self._needed() if self.api.rights.exists(right[0])]
        judged = [(model, mode) for model in JUDGED for mode in MODES if self.api.rights.exists(model)]
        granted = {name_right(right) for right in {*needed, *judged} if self.api.rights.has(right)}
        granted |= {ADMINISTRATOR} if self.api.rpc.preferences.get("administrator") else set()
        known = {ADMINISTRATOR, *map(name_right, judged)}
        steps += compare_scopes(granted, {*map(name_right, needed)}, granted_by=GRANTED_BY, known=known)
        return "Compared."

    def _needed(self) -> Iterator[Right]:
        models = [*READING, *self._options()]
        for model in models:
            yield from for_reading(model)
        if self.writes:
            yield from WRITING
        if self.writes and self.opportunities:
            yield "sale.opportunity.line", "create"

    def _options(self) -> list[str]:
        stock = ["stock.location", "stock.move"] if self.catalogue else []
        return ["sale.opportunity", *stock] if self.opportunities else stock

    def _reads(self) -> Iterator[Finding]:
        for model in ("party.party", "product.product", "sale.sale"):
            yield try_step(f"read {model}", partial(self._read, model), granted_by=GRANTED_BY)
        yield try_step("telephones", self._judge_telephones)

    def _read(self, model: str) -> str:
        found = self.api.find(model, [], ["rec_name"], limit=1)
        return "Can be read." if found else "Can be read; there are none."

    def _find_company(self) -> str:
        if not self.api.rpc.context.get("company"):
            raise PermissionDenied(
                "the user belongs to no company, so that no price and no sale can be read", scope="company"
            )
        return "The user belongs to a company."

    def _judge_telephones(self) -> str:
        """Without that library Tryton keeps telephones as they were typed, and finds them only so."""
        domain = [("type", "in", list(TELEPHONES)), ("value_compact", "not like", "+%")]
        if self.api.find("party.contact_mechanism", domain, ["type"], limit=1):
            raise ValidationFailed(
                "some are not kept in international form: install phonenumbers beside Tryton"
            )
        return "Kept in international form, as far as there are any."

    def _judge_stock(self) -> Iterator[Finding]:
        """Where stock is not kept in Tryton, everything there is reads as sold out, and is never offered."""
        if self.catalogue is None:
            return
        found = try_step("stock", self.catalogue.describe_stock, granted_by=GRANTED_BY)
        yield replace(found, warning=found.ok and found.message == NOTHING_IN_STOCK)
