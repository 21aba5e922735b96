"""What a user may do at Tryton, where every refusal is an explanation for a person and names no right."""

from collections.abc import Iterable, Mapping
from typing import Any

from crm_adapters.vendors.tryton.failures import Unknown
from crm_adapters.vendors.tryton.rpc import Rpc

Right = tuple[str, str]
"""A model, and what is done to it: read, write, create or delete."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "party.party": ("party.contact_mechanism", "party.address", "country.country", "ir.lang"),
    "sale.sale": ("sale.line", "product.product", "currency.currency"),
    "sale.opportunity": ("sale.opportunity.line", "product.product", "currency.currency"),
    "product.product": ("product.template", "product.category"),
    "company.company": ("currency.currency",),
}
"""Models that are read together with others."""


class Rights:
    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._known: dict[str, Mapping[str, Any] | None] = {}

    def find_missing(self, needed: Iterable[Right]) -> list[Right]:
        """To models that there are."""
        return sorted(right for right in set(needed) if self.exists(right[0]) and not self.has(right))

    def exists(self, model: str) -> bool:
        return self._look(model) is not None

    def has(self, right: Right) -> bool:
        model, mode = right
        granted = self._look(model)
        return bool(granted and granted.get(mode))

    def _look(self, model: str) -> Mapping[str, Any] | None:
        if model not in self._known:
            self._known[model] = self._ask(model)
        return self._known[model]

    def _ask(self, model: str) -> Mapping[str, Any] | None:
        """One at a time: a single model that is not known fails the whole call."""
        try:
            found = self._rpc.call("model.ir.model.access.get_access", [model], {})
        except Unknown:
            return None
        return dict(found[model])


def for_reading(model: str) -> list[Right]:
    return [(one, "read") for one in (model, *PARTS.get(model, ()))]


def name_right(right: Right) -> str:
    return " ".join(right)
