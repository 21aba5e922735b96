"""Tryton in small, as a server of the series 8.2 with the modules for sales, opportunities and recommendations
was seen to answer; earlier series where it says so."""

from crm_adapters.fakes.vendors.tryton.fake import Fake as Fake
