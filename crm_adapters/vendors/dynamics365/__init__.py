"""Dynamics 365 Sales: contacts, accounts, sales orders, price lists, opportunities, notes, by Dataverse's Web API.

Not verified on a real environment: the names by which records are bound to one another, which count capitals; that
every table we follow has change tracking on, which its check tells; where an environment tells a user's privileges;
whether a note's text is shown as HTML. Cases are of another product, and not read.
"""

from crm_adapters.vendors.dynamics365.adapter import Adapter as Adapter
