"""HubSpot in small: objects, searches that lag, associations, private apps and OAuth, webhooks.

`§` names a section of the facts gathered on HubSpot in 2026 from its SDKs, its reference and other clients:
0 access, 1 finding, 2 fields, 3 purchases, 4 changes, 5 catalogue, 6 notes and lines, 7 updates, 8 errors and
limits, 9 webhooks.
"""

from crm_adapters.fakes.vendors.hubspot.fake import Fake as Fake
