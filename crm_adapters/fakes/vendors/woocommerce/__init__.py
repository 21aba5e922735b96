"""A shop with WooCommerce, in small. Numbers are those of the facts it follows: WC is WooCommerce's sheet."""

from crm_adapters.fakes.vendors.woocommerce.fake import Fake as Fake
