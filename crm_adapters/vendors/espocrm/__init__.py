"""EspoCRM 7 to 10: contacts, accounts, cases, posts; opportunities as purchases, or documents of the Sales Pack.

What it says of itself was read in its source, at the tags 7.0.0, 8.0.0, 9.0.0 and 10.0.0, and in its documentation.
Lists leave out what was deleted without a trace, and a merged contact is one that was deleted: its posts are then the
other's, and so are its opportunities, whose stamps do not change. Of a contact they tell the main address and telephone
only, and of a quote or an order no lines: each of those is read once more by itself.

The Sales Pack's source is not public. Not verified on a real one: that `billingContactId`, `dateOrdered`,
`dateInvoiced`, `partNumber` and `unitPrice` are what its records call them, which states its documents have beside
Completed, Canceled and Draft, and that lines which an update does not repeat are taken away (they are repeated).
"""

from crm_adapters.vendors.espocrm.adapter import Adapter as Adapter
