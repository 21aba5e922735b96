"""ERPNext 14 to 16: customers with their contacts, sales orders and invoices, quotations, items, issues and notes.

A customer is an ERPNext Customer, a person or a company, which is then its own company; its addresses and telephones
are those of all contacts that are linked to it. Who writes for a company is one of its contacts, and which one does
not matter to what the company buys.

Not seen on a real server: that a child row keeps a name that is sent with `__islocal`, as Frappe's source says; what
a site on PostgreSQL, whose comparisons tell letters' case, finds by an address that somebody typed in capitals.
Not read: leads and prospects, who have bought nothing yet; deliveries; a contact that is unlinked from one customer
is noticed there when the customer is next changed, or all are listed again.
"""

from crm_adapters.vendors.erpnext.adapter import Adapter as Adapter
