"""What the shop's people have put beside a product by hand."""

from collections.abc import Sequence

from crm_adapters.errors import VendorChanged
from crm_adapters.model import ProductRelation
from crm_adapters.vendors.odoo.api import Api
from crm_adapters.vendors.odoo.records import PRODUCT, TEMPLATE, TEMPLATE_KEYS

KINDS = {
    "optional_product_ids": "cross_sell",
    "accessory_product_ids": "accessory",
    "alternative_product_ids": "upsell",
}
"""The last two come with the web shop."""
OF_TEMPLATES = ("optional_product_ids", "alternative_product_ids")


def relations_of(api: Api, product_ref: str) -> list[ProductRelation]:
    """Where a template is named, all its variants are."""
    product = api.get(PRODUCT, product_ref, ["product_tmpl_id"])
    template = api.get(TEMPLATE, str(product["product_tmpl_id"][0]), TEMPLATE_KEYS) if product else None
    if template is None:
        return []
    named = {field: [int(number) for number in template.get(field) or ()] for field in KINDS}
    variants = _variants(api, sorted({number for field in OF_TEMPLATES for number in named[field]}))
    return [
        ProductRelation(product_ref, str(number), KINDS[field])
        for field, numbers in named.items()
        for one in numbers
        for number in (variants.get(one, []) if field in OF_TEMPLATES else [one])
    ]


def _variants(api: Api, templates: Sequence[int]) -> dict[int, list[int]]:
    domain = [["product_tmpl_id", "in", list(templates)]]
    rows = api.search(PRODUCT, domain, ["product_tmpl_id"]) if templates else []
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row["product_tmpl_id"][0], []).append(row["id"])
    if not found.keys() <= set(templates):
        raise VendorChanged("the answer holds what was not asked for")
    return found
