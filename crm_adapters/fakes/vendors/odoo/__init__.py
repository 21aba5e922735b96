"""Odoo in small: partners, sales orders, products, messages, and the methods of their models by which they are reached.

`release` makes it 19, by JSON-2, or an older one, by JSON-RPC. `§` names a section of the facts gathered on Odoo in
2026 from its documentation, its source and other clients: 0 ways in, 1 finding, 2 fields, 3 purchases, 4 changes,
5 catalogue, 6 notes and lines, 7 updates, 8 errors and limits, 9 webhooks. *Seen*: on a real Odoo 18 in 2026.
"""

from crm_adapters.fakes.vendors.odoo.fake import Fake as Fake
