"""What is asked of Shopify, each question under a name of its own. Checked against the schema of 2026-07."""

import re
from dataclasses import dataclass

VERSION = "2026-07"
"""Of the API; each quarter brings one, kept for a year. After that Shopify answers with the oldest that it has."""
LINES = 10
"""Of an order, listed with it; the rest is asked for by itself. Shopify counts what a question could give."""


@dataclass(frozen=True, slots=True)
class Operation:
    text: str
    roots: tuple[str, ...]
    """What the answer holds; a name that no other question has, where the answer could be taken for another's."""
    points: float = 1.0
    """About what a row costs."""

    @property
    def name(self) -> str:
        found = re.search(r"^(?:query|mutation) (\w+)", self.text, re.MULTILINE)
        return found[1] if found else ""


_FIELDS = "$keys: [String!], $fields: Int, $mapped: Boolean!"
_METAFIELDS = """metafields(first: $fields, keys: $keys) @include(if: $mapped) {
    nodes { namespace key type value }
  }"""
_CUSTOMER = f"""
fragment CustomerParts on Customer {{
  id firstName lastName displayName locale note tags createdAt updatedAt
  defaultEmailAddress {{ emailAddress marketingState marketingUpdatedAt }}
  defaultPhoneNumber {{ phoneNumber }}
  defaultAddress {{ company countryCodeV2 phone }}
  {_METAFIELDS}
}}"""
_VARIANT = f"""
fragment VariantParts on ProductVariant {{
  id sku title price inventoryQuantity updatedAt
  inventoryItem {{ tracked }}
  product {{
    id title status productType vendor tags isGiftCard hasOnlyDefaultVariant updatedAt
    description(truncateAt: 500)
    category {{ name }}
    {_METAFIELDS}
  }}
}}"""
_LINE = """
fragment LineParts on LineItem {
  id name quantity currentQuantity
  variant { id }
  discountedUnitPriceAfterAllDiscountsSet { shopMoney { amount currencyCode } }
}"""
_ORDER = f"""
fragment OrderParts on Order {{
  id name test processedAt updatedAt cancelledAt displayFinancialStatus displayFulfillmentStatus
  customer {{ id }}
  fulfillments(first: 5) {{ deliveredAt estimatedDeliveryAt }}
  lineItems(first: {LINES}) {{ nodes {{ ...LineParts }} pageInfo {{ hasNextPage endCursor }} }}
}}{_LINE}"""

READ_CUSTOMER = Operation(
    f"""query ReadCustomer($id: ID!, {_FIELDS}) {{
  customer(id: $id) {{ ...CustomerParts }}
}}{_CUSTOMER}""",
    ("customer",),
    points=5,
)
FIND_CUSTOMER = Operation(
    f"""query FindCustomer($identifier: CustomerIdentifierInput!, {_FIELDS}) {{
  found: customerByIdentifier(identifier: $identifier) {{ ...CustomerParts }}
}}{_CUSTOMER}""",
    ("found",),
    points=5,
)
LIST_CUSTOMERS = Operation(
    f"""query ListCustomers($first: Int!, $query: String, {_FIELDS}) {{
  customers(first: $first, query: $query, sortKey: ID) {{ nodes {{ ...CustomerParts }} }}
}}{_CUSTOMER}""",
    ("customers",),
    points=5,
)
LIST_ORDERS = Operation(
    f"""query ListOrders($first: Int!, $query: String) {{
  orders(first: $first, query: $query, sortKey: ID) {{ nodes {{ ...OrderParts }} }}
}}{_ORDER}""",
    ("orders",),
    points=48,
)
LIST_CUSTOMERS_ORDERS = Operation(
    f"""query ListCustomersOrders($id: ID!, $first: Int!, $after: String) {{
  buyer: customer(id: $id) {{
    id
    orders(first: $first, after: $after, sortKey: PROCESSED_AT, reverse: true) {{
      nodes {{ ...OrderParts }} pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}{_ORDER}""",
    ("buyer",),
    points=48,
)
LIST_LINES = Operation(
    f"""query ListLines($id: ID!, $first: Int!, $after: String) {{
  order(id: $id) {{
    id
    lineItems(first: $first, after: $after) {{ nodes {{ ...LineParts }} pageInfo {{ hasNextPage endCursor }} }}
  }}
}}{_LINE}""",
    ("order",),
    points=4,
)
LIST_VARIANTS = Operation(
    f"""query ListVariants($first: Int!, $query: String, {_FIELDS}) {{
  productVariants(first: $first, query: $query, sortKey: ID) {{ nodes {{ ...VariantParts }} }}
}}{_VARIANT}""",
    ("productVariants",),
    points=4,
)
LIST_PRODUCTS = Operation(
    """query ListProducts($first: Int!, $query: String) {
  products(first: $first, query: $query, sortKey: ID) { nodes { id updatedAt } }
}""",
    ("products",),
)
_REFERENCES = """{
      references(first: 20) {
        nodes { ... on Product { variants(first: 1) { nodes { id } } } }
      }
    }"""
READ_RELATIONS = Operation(
    f"""query ReadRelations($id: ID!, $namespace: String!) {{
  productVariant(id: $id) {{
    id
    product {{
      complementary: metafield(namespace: $namespace, key: "complementary_products") {_REFERENCES}
      related: metafield(namespace: $namespace, key: "related_products") {_REFERENCES}
    }}
  }}
}}""",
    ("productVariant",),
    points=120,
)
LIST_DRAFTS = Operation(
    """query ListDrafts($first: Int!, $query: String) {
  draftOrders(first: $first, query: $query, sortKey: UPDATED_AT, reverse: true) { nodes { id status } }
}""",
    ("draftOrders",),
)
READ_DRAFT = Operation(
    """query ReadDraft($id: ID!, $first: Int!, $after: String) {
  draftOrder(id: $id) {
    id name status updatedAt presentmentCurrencyCode
    customer { id }
    totalPriceSet { shopMoney { amount currencyCode } }
    lineItems(first: $first, after: $after) {
      nodes {
        uuid name title quantity sku taxable requiresShipping
        variant { id }
        weight { unit value }
        customAttributes { key value }
        appliedDiscount { title description value valueType }
        priceOverride { amount currencyCode }
        originalUnitPriceWithCurrency { amount currencyCode }
        approximateDiscountedUnitPriceSet { shopMoney { amount currencyCode } }
        components { uuid }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}""",
    ("draftOrder",),
    points=8,
)
READ_VARIANT = Operation(
    """query ReadVariant($id: ID!) {
  variant: productVariant(id: $id) { id }
}""",
    ("variant",),
)
READ_OUTCOMES = Operation(
    """query ReadOutcomes($id: ID!, $namespace: String!, $key: String!) {
  told: customer(id: $id) {
    id
    metafield(namespace: $namespace, key: $key) { value compareDigest }
  }
}""",
    ("told",),
    points=2,
)
READ_SHOP = Operation(
    """query ReadShop {
  shop { currencyCode }
  currentAppInstallation { accessScopes { handle } }
  publicApiVersions { handle supported }
}""",
    ("shop", "currentAppInstallation", "publicApiVersions"),
    points=20,
)
LIST_DEFINITIONS = Operation(
    """query ListDefinitions($owner: MetafieldOwnerType!, $first: Int!) {
  metafieldDefinitions(first: $first, ownerType: $owner) {
    nodes { namespace key name pinnedPosition type { name } }
  }
}""",
    ("metafieldDefinitions",),
    points=4,
)
SET_METAFIELDS = Operation(
    """mutation SetMetafields($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) {
    metafields { namespace key value }
    userErrors { field message code }
  }
}""",
    ("metafieldsSet",),
    points=10,
)
DELETE_METAFIELDS = Operation(
    """mutation DeleteMetafields($metafields: [MetafieldIdentifierInput!]!) {
  metafieldsDelete(metafields: $metafields) {
    deletedMetafields { namespace key }
    userErrors { field message }
  }
}""",
    ("metafieldsDelete",),
    points=10,
)
CHANGE_CUSTOMER = Operation(
    """mutation ChangeCustomer($input: CustomerInput!) {
  customerUpdate(input: $input) {
    customer { id }
    userErrors { field message }
  }
}""",
    ("customerUpdate",),
    points=10,
)
PUT_LINES = Operation(
    """mutation PutLines($id: ID!, $lines: [DraftOrderLineItemInput!]!, $count: Int!) {
  draftOrderUpdate(id: $id, input: {lineItems: $lines}) {
    draftOrder { id lineItems(first: $count) { nodes { uuid customAttributes { key value } } } }
    userErrors { field message }
  }
}""",
    ("draftOrderUpdate",),
    points=10,
)
