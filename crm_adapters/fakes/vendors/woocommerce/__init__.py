"""A shop with WooCommerce, in small: wc/v3 as far as it is asked by us. Facts are from WooCommerce's REST reference
unless another source is named; WC 1 to 10 number them by topic: access, people, orders, an order's fields, products,
writing, meta data, refusals, webhooks, paging and time."""

from crm_adapters.fakes.vendors.woocommerce.fake import Fake as Fake
