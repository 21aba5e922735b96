"""HubSpot: contacts, companies, deals with line items as purchases, products, notes."""

from crm_adapters.vendors.hubspot.adapter import Adapter as Adapter
