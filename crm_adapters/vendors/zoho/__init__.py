"""Zoho CRM: contacts, accounts, sales orders as purchases, quotes that lines can be put on, products, notes.

Not verified on a real account: that COQL compares ids and lags in nothing, that `mc_status` of the organisation says
whether there are several currencies, that a quote keeps the lines which an update does not repeat (they are
repeated), and that lists of what was deleted obey If-Modified-Since.
"""

from crm_adapters.vendors.zoho.adapter import Adapter as Adapter
