"""The models and their fields, as `fields_get` tells of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Field:
    type: str = "char"
    relation: str = ""
    readonly: bool = False
    options: Options = ()
    stored: bool = True


COMPUTED = Field(readonly=True)
STAMPS = {"create_date": Field("datetime", readonly=True), "write_date": Field("datetime", readonly=True)}
LANGUAGES = (("en_US", "English (US)"), ("es_MX", "Español (MX)"), ("pt_BR", "Português (BR)"))
STATES = (
    ("draft", "Quotation"), ("sent", "Quotation Sent"), ("sale", "Sales Order"), ("cancel", "Cancelled"),
)  # fmt: skip
TYPES = (
    ("contact", "Contact"), ("invoice", "Invoice Address"), ("delivery", "Delivery Address"), ("other", "Other"),
)  # fmt: skip


def _one(model: str, *, readonly: bool = False) -> Field:
    return Field("many2one", model, readonly=readonly)


def _many(model: str, *, readonly: bool = False) -> Field:
    return Field("many2many", model, readonly=readonly)


def _choice(*options: tuple[str, str]) -> Field:
    return Field("selection", options=options)


MODELS: Mapping[str, Mapping[str, Field]] = {
    "res.partner": {
        "name": Field(),
        "email": Field(),
        "email_normalized": COMPUTED,
        "phone": Field(),
        "mobile": Field(),
        "phone_sanitized": COMPUTED,
        "phone_mobile_search": replace(COMPUTED, stored=False),
        "country_id": _one("res.country"),
        "country_code": replace(COMPUTED, stored=False),
        "lang": _choice(*LANGUAGES),
        "is_company": Field("boolean"),
        "parent_id": _one("res.partner"),
        "commercial_partner_id": _one("res.partner", readonly=True),
        "company_name": Field(),
        "website": Field(),
        "industry_id": _one("res.partner.industry"),
        "type": _choice(*TYPES),
        "active": Field("boolean"),
        "is_blacklisted": Field("boolean", readonly=True, stored=False),
        "category_id": _many("res.partner.category"),
        "image_128": Field("binary"),
        "x_shop_number": Field(),
        "x_store": Field(),
        "x_visits": Field("integer"),
        "x_offers": _choice(("granted", "Wants offers"), ("objected", "No offers")),
    },
    "product.product": {
        "display_name": replace(COMPUTED, stored=False),
        "name": Field(),
        "default_code": Field(),
        "lst_price": Field("float"),
        "currency_id": _one("res.currency", readonly=True),
        "categ_id": _one("product.category"),
        "active": Field("boolean"),
        "sale_ok": Field("boolean"),
        "product_tmpl_id": _one("product.template"),
        "product_variant_count": Field("integer", readonly=True, stored=False),
        "qty_available": Field("float", readonly=True, stored=False),
        "is_storable": Field("boolean"),
        "type": _choice(("consu", "Goods"), ("service", "Service")),
        "description_sale": Field("text"),
        "x_family": Field(),
    },
    "product.template": {
        "name": Field(),
        "optional_product_ids": _many("product.template"),
        "accessory_product_ids": _many("product.product"),
        "alternative_product_ids": _many("product.template"),
    },
    "sale.order": {
        "name": Field(),
        "state": replace(_choice(*STATES), readonly=True),
        "locked": Field("boolean", readonly=True),
        "date_order": Field("datetime"),
        "partner_id": _one("res.partner"),
        "amount_total": Field("monetary", readonly=True),
        "currency_id": _one("res.currency", readonly=True),
        "client_order_ref": Field(),
        "order_line": Field("one2many", "sale.order.line"),
        "commitment_date": Field("datetime"),
    },
    "sale.order.line": {
        "order_id": _one("sale.order"),
        "sequence": Field("integer"),
        "product_id": _one("product.product"),
        "name": Field("text"),
        "product_uom_qty": Field("float"),
        "price_unit": Field("float"),
        "discount": Field("float"),
        "display_type": _choice(("line_section", "Section"), ("line_note", "Note")),
        "is_downpayment": Field("boolean"),
    },
    "mail.message": {
        "model": Field(),
        "res_id": Field("integer"),
        "body": Field("html"),
        "message_type": Field(),
        "subtype": Field(),
    },
    "ir.model.data": {"module": Field(), "name": Field(), "model": Field(), "res_id": Field("integer")},
    "stock.quant": {"product_id": _one("product.product"), "quantity": Field("float")},
    "res.country": {"name": Field(), "code": Field()},
    "res.currency": {"name": Field()},
    "res.partner.industry": {"name": Field()},
    "res.partner.category": {"name": Field()},
    "product.category": {"name": Field()},
    "res.users": {"name": Field(), "login": Field(), "email": Field(), "company_ids": _many("res.company")},
}
UNTIL_18 = {("res.partner", "mobile")}
SINCE_18 = {("product.product", "is_storable")}


def fields_of(model: str, major: int) -> dict[str, Field]:
    """§2: `mobile` went in 19; §5: what is storable was a type of its own before 18."""
    gone = UNTIL_18 if major >= 19 else set()
    gone = gone | (SINCE_18 if major < 18 else set())
    found = {**MODELS[model], **STAMPS, "id": Field("integer", readonly=True)}
    return {name: field for name, field in found.items() if (model, name) not in gone}
