"""Salesforce in small: objects, its query language, searches that lag, price books, OAuth with an instance URL.

`§` names a section of the facts gathered on Salesforce in 2026 from its reference and its clients: 0 access,
1 finding, 2 fields, 3 purchases, 4 changes, 5 catalogue, 6 tasks and lines, 7 updates, 8 errors and limits.
"""

from crm_adapters.fakes.vendors.salesforce.fake import Fake as Fake
