"""A folder of CSV exports and a mapping file that says which column holds what."""

from crm_adapters.vendors.csvfiles.adapter import CsvFiles as Adapter

__all__ = ["Adapter"]
