"""A Shopify shop in small: the GraphQL Admin API of 2026-07 as far as it is asked by us. It knows the questions that
the adapter asks, by their names, and refuses every other. Facts are from shopify.dev and from the descriptions in the
schema of 2026-07 unless another source is named."""

from crm_adapters.fakes.vendors.shopify.fake import Fake as Fake
