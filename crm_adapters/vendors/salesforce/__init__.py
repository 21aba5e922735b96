"""Salesforce: contacts, accounts, opportunities or orders as purchases, price books, cases, tasks.

Not verified on a real org: that `If-Unmodified-Since` guards a change (the stamp is compared before as well); that a
deletion moves the stamp of a line; which rights the description of an object tells.
"""

from crm_adapters.vendors.salesforce.adapter import Adapter as Adapter
