"""Pipedrive in small: v2's lists and searches, v1's notes, tokens of users and of apps, webhooks.

`§` names a section of the facts gathered on Pipedrive in 2026 from its own descriptions and other clients:
0 access, 1 finding, 2 fields, 3 purchases, 4 changes, 5 catalogue, 6 notes and lines, 7 updates, 8 errors and
limits, 9 webhooks.
"""

from crm_adapters.fakes.vendors.pipedrive.fake import Fake as Fake
