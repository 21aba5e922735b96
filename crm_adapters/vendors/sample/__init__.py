"""Nimbus Mobile: the CRM that ships with the product, a phone shop made by code."""

from crm_adapters.vendors.sample.adapter import Adapter
from crm_adapters.vendors.sample.demo import DEMO_CUSTOMERS, DemoCustomer
from crm_adapters.vendors.sample.notes import Note

__all__ = ["DEMO_CUSTOMERS", "Adapter", "DemoCustomer", "Note"]
