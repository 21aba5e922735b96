"""Dolibarr in small: third parties and their contacts, products, orders, invoices, proposals, tickets, the agenda.

`version` makes it another than 20. *Seen*: on a real Dolibarr 20 in 2026; *source*: read in Dolibarr's own source,
and not tried; *told*: reported by others in its issues.
"""

from crm_adapters.fakes.vendors.dolibarr.fake import Fake as Fake
