"""Which of a CRM's fields hold what: the vendor's usual ones, and those an admin has named.

As text: `customer.language=hs_language, customer.crm.store=nearest_store, customer.id.shop=shop_number,
product.family=product_line`. Our names are those of the records; `crm.` leads to `Customer.custom` and to facts of
the same name, `id.` to `Customer.declared_ids`. A name without a field is not read at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError, fields

CUSTOM = "crm."
DECLARED = "id."
KINDS = ("customer", "company", "product", "order", "line", "case", "deal")


@dataclass(frozen=True, slots=True)
class FieldMap:
    entries: Mapping[str, str] = field(default_factory=dict)
    """As `customer.language` → the CRM's own name, or empty."""

    def of(self, kind: str, usual: Mapping[str, str]) -> dict[str, str]:
        """Our names without the kind → the CRM's; `usual` are the vendor's own, where nobody has said else."""
        named = {
            name.removeprefix(f"{kind}."): theirs
            for name, theirs in self.entries.items()
            if name.startswith(f"{kind}.")
        }
        return {name: theirs for name, theirs in {**usual, **named}.items() if theirs}


def custom_names(found: Mapping[str, str], prefix: str = CUSTOM) -> dict[str, str]:
    """Of what `FieldMap.of` gave: names in `Customer.custom` (or with `DECLARED` systems) → the CRM's fields."""
    return {name.removeprefix(prefix): theirs for name, theirs in found.items() if name.startswith(prefix)}


class FieldMapSetting(fields.Field[FieldMap]):
    """Takes a table, or text as above."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"load_default": FieldMap, **options})

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> FieldMap:
        entries = _parse(value) if isinstance(value, str) else value
        if isinstance(entries, FieldMap):
            return entries
        if not isinstance(entries, Mapping) or not all(
            isinstance(theirs, str) for theirs in entries.values()
        ):
            raise ValidationError("is not a table of our names and the CRM's.")
        wrong = [name for name in entries if name.partition(".")[0] not in KINDS or "." not in name]
        if wrong:
            raise ValidationError(f"{wrong[0]!r} does not begin with one of {', '.join(KINDS)} and a dot.")
        return FieldMap(dict(entries))


def _parse(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(sign for _, sign, _ in pairs):
        raise ValidationError("is not written as customer.language=their_name, product.family=their_name.")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
