"""Tryton 6.0 to 8.2: parties as customers, sales as orders and quotes, opportunities, notes.

Seen on real servers of the series 6.0, 7.0 and 8.2. What a Tryton does not tell, and we therefore do not know
either: a contact mechanism that was deleted from the list of all contact mechanisms, rather than on its
party, leaves no trace until its party is next changed. On SQLite, 7.0 counts whole seconds: of two changes
within one, the second is no conflict. Not seen: a server with several companies, and one behind a single
sign-on, whose users have no password to sign in with.
"""

from crm_adapters.vendors.tryton.adapter import Adapter as Adapter
