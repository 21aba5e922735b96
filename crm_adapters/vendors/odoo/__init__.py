"""Odoo: partners as customers and companies, sales orders and quotations, products, notes.

Calls go by JSON-2 where the server is of version 19 or later, by JSON-RPC before. Not seen on a real server: which
code a lock that somebody else holds is answered with; that an ordinary user may read `ir.model.data` in every
version (the check tries it); from which version on `message_post` knows `body_is_html` (17 is assumed).
Sales at a till (`pos.order`) and refunds are not read: an order that was paid back stays one that was won.
"""

from crm_adapters.vendors.odoo.adapter import Adapter as Adapter
