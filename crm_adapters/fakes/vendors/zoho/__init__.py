"""Zoho CRM in small: modules, searches that lag, COQL, lists of the deleted, OAuth, notifications.

`§` names a section of the facts gathered on Zoho in 2026 from its descriptions, its SDK and other clients:
0 access, 1 finding, 2 fields, 3 purchases, 4 changes, 5 catalogue, 6 notes and lines, 7 updates, 8 errors and
limits, 9 notifications.
"""

from crm_adapters.fakes.vendors.zoho.fake import Fake as Fake
