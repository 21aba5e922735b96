"""Dynamics 365 Sales in small: tables behind OData, price lists, change tracking, application users, webhooks.

`§` names a section of the facts gathered on Dynamics 365 in 2026 from its documentation and clients: 0 access,
1 finding, 2 columns, 3 purchases, 4 changes, 5 catalogue, 6 notes and lines, 7 updates, 8 errors and limits,
9 webhooks.
"""

from crm_adapters.fakes.vendors.dynamics365.fake import Fake as Fake
