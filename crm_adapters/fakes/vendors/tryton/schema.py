"""The models of a Tryton, as far as our adapter asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    type: str = "char"
    target: str = ""
    """Of a relation: the model."""
    inverse: str = ""
    """Of a one2many: the target's field that leads back; of a many2many: empty."""
    readonly: bool = False
    selection: tuple[str, ...] = ()


def _one(target: str) -> Field:
    return Field("many2one", target)


def _many(target: str, inverse: str = "") -> Field:
    return Field("one2many" if inverse else "many2many", target, inverse)


CHAR, TEXT, FLAG, PRICE, FLOAT = Field(), Field("text"), Field("boolean"), Field("numeric"), Field("float")
STATES = ("draft", "quotation", "confirmed", "processing", "done", "cancelled")
OPPORTUNITY_STATES = ("lead", "opportunity", "converted", "won", "lost", "cancelled")
STAMPS = {
    "create_date": Field("timestamp", readonly=True),
    "write_date": Field("timestamp", readonly=True),
    "rec_name": Field(readonly=True),
}
MODELS: Mapping[str, Mapping[str, Field]] = {
    "party.party": {
        "name": CHAR,
        "code": CHAR,
        "active": FLAG,
        "replaced_by": _one("party.party"),
        "lang": _one("ir.lang"),
        "contact_mechanisms": _many("party.contact_mechanism", "party"),
        "addresses": _many("party.address", "party"),
        "email": Field(readonly=True),
        "phone": Field(readonly=True),
        "shop_floor": CHAR,
    },
    "party.contact_mechanism": {
        "type": Field("selection", selection=("phone", "mobile", "fax", "email", "website", "other")),
        "value": CHAR,
        "value_compact": CHAR,
        "active": FLAG,
        "party": _one("party.party"),
    },
    "party.address": {"party": _one("party.party"), "country": _one("country.country"), "active": FLAG},
    "country.country": {"code": CHAR, "name": CHAR},
    "ir.lang": {"code": CHAR, "name": CHAR},
    "product.category": {"name": CHAR},
    "product.template": {
        "name": CHAR,
        "type": Field("selection", selection=("goods", "service")),
        "active": FLAG,
        "salable": FLAG,
        "list_price": PRICE,
        "categories": _many("product.category"),
        "products": _many("product.product", "template"),
    },
    "product.product": {
        "template": _one("product.template"),
        "code": CHAR,
        "description": TEXT,
        "active": FLAG,
        "list_price": PRICE,
        "list_price_used": Field("numeric", readonly=True),
        "name": Field(readonly=True),
        "type": Field("selection", readonly=True),
        "salable": Field("boolean", readonly=True),
        "quantity": Field("float", readonly=True),
        "sale_uom": Field("many2one", "product.uom", readonly=True),
    },
    "product.uom": {"name": CHAR},
    "sale.sale": {
        "number": CHAR,
        "state": Field("selection", selection=STATES),
        "sale_date": Field("date"),
        "party": _one("party.party"),
        "currency": _one("currency.currency"),
        "description": CHAR,
        "lines": _many("sale.line", "sale"),
        "untaxed_amount": Field("numeric", readonly=True),
    },
    "sale.line": {
        "sale": _one("sale.sale"),
        "type": Field("selection", selection=("line", "subtotal", "title", "comment")),
        "product": _one("product.product"),
        "description": TEXT,
        "quantity": FLOAT,
        "unit": _one("product.uom"),
        "unit_price": PRICE,
        "taxes": _many("account.tax"),
        "note": TEXT,
    },
    "account.tax": {"name": CHAR},
    "sale.opportunity": {
        "number": CHAR,
        "state": Field("selection", selection=OPPORTUNITY_STATES),
        "party": _one("party.party"),
        "currency": _one("currency.currency"),
        "description": CHAR,
        "amount": PRICE,
        "lines": _many("sale.opportunity.line", "opportunity"),
    },
    "sale.opportunity.line": {
        "opportunity": _one("sale.opportunity"),
        "product": _one("product.product"),
        "description": TEXT,
        "quantity": FLOAT,
        "unit": _one("product.uom"),
        "note": TEXT,
    },
    "sale.product.association.rule": {
        "antecedents": _many("product.product"),
        "consequents": _many("product.product"),
        "lift": FLOAT,
    },
    "stock.location": {"type": CHAR, "storage_location": _one("stock.location")},
    "stock.move": {"product": _one("product.product"), "quantity": FLOAT},
    "company.company": {"currency": _one("currency.currency")},
    "currency.currency": {"code": CHAR},
    "ir.note": {"resource": CHAR, "message": TEXT},
    "res.user": {"login": CHAR},
    "ir.model.access": {"model": CHAR},
}
"""`shop_floor` stands for the field of somebody's own module."""
SEVEN = frozenset(
    {
        ("product.product", "list_price_used"),
        ("sale.opportunity.line", "note"),
        ("sale.product.association.rule", ""),
    }
)
"""Fields, and a model, that the series 7.0 did not have."""
