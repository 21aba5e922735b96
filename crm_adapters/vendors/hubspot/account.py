"""What a portal is set to."""

from crm_adapters.errors import VendorChanged
from crm_adapters.lazy import lazy
from crm_adapters.vendors.hubspot.api import Api


class Account:
    """Asked once, when it is first needed."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @lazy
    def currency(self) -> str:
        """Of amounts that name none."""
        found, _ = self._api.ask("account-info/v3/details")
        currency = str(found.get("companyCurrency", ""))
        if len(currency) != 3:
            raise VendorChanged("the account tells no currency")
        return currency.upper()
