"""ERPNext in small: the documents that a shop sells with, and the methods of Frappe by which they are reached.

*Seen*: on a real ERPNext 15 in November 2026. *Source*: in the public source of Frappe or ERPNext, read in November
2026. What is marked with neither is assumed.
"""

from crm_adapters.fakes.vendors.erpnext.fake import Fake as Fake
