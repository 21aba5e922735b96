"""A Shopify shop, over the GraphQL Admin API: customers, orders, the catalogue, draft orders, and the products that the
app Search & Discovery relates.

Where things are kept, and why:

- A product is a variant, which is what has a SKU and a price; its family is the product that it is a variant of.
- An outcome is a line of the customer's metafield `sales_assist.outcomes`. The note that staff see first is one text
  that people edit and that nothing guards: two writers at once would lose one's words. A metafield is set only where it
  still is what was read (`compareDigest`), so that an outcome is written once whoever writes, and nobody's words are
  lost. Pinned with a definition, it stands on the customer's page. Timeline comments cannot be written by the API.
- Amounts are in the shop's currency, also where the customer paid in another: the catalogue's prices are, and what
  somebody has spent can only be added up in one.
- Gift cards are in the catalogue, so that their purchases name a product, and are not for sale by us: Shopify itself
  recommends none.

A company is the text of the default address; those of B2B, which have records of their own, are not read. Merged
customers are deleted ones: only a webhook tells who lives on.

Not tried on a real shop: which telephones the search without a field's name finds; how a `customId` is refused whose
metafield is not defined as an id; whether setting a metafield counts as a change of the customer, and what becomes of
it when two are merged; the refusal of lines for a draft order that was completed meanwhile.
"""

from crm_adapters.vendors.shopify.adapter import Adapter as Adapter
