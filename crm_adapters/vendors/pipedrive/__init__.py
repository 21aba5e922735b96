"""Pipedrive: persons, organizations, deals with their products as purchases, the catalogue, notes.

Not verified on a real account: that a list sorted by id goes on by id (and not by a number of rows to skip), that
`updated_since` includes its own second, that a change of a deal's products counts as a change of the deal, and that
the list of notes does not lag.
"""

from crm_adapters.vendors.pipedrive.adapter import Adapter as Adapter
