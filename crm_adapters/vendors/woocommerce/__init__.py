"""WooCommerce 3.5 and later, over wc/v3: accounts, guests, orders, the catalogue and the relations kept in it.

Guests have no record of their own: they are known by the billing address of their orders and have the ref
`guest:` and that address. Telephones are found through orders alone, for WooCommerce searches no telephones of
accounts. By https only: over plain http WooCommerce wants OAuth 1 signatures.

Not tried on a real shop: `customer=0` for the orders of guests with high-performance order storage, whether a
trashed order counts as changed there, whether a change of a variation is always one of its product, and an empty
batch as a way of asking whether a key may write.
"""

from crm_adapters.vendors.woocommerce.adapter import Adapter as Adapter
