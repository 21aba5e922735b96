"""EspoCRM in small: lists that leave out what they leave out, single records, posts, roles, signed webhooks.

What it does was read in EspoCRM's source at the tag 10.0.0 unless another is named, and in its documentation of
August 2026; of the Sales Pack, whose source is not public, in the documentation alone.
"""

from crm_adapters.fakes.vendors.espocrm.fake import Fake as Fake
