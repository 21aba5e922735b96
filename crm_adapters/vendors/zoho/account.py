"""What an organisation is set to."""

from crm_adapters.answers import Answer
from crm_adapters.errors import VendorChanged
from crm_adapters.lazy import lazy
from crm_adapters.vendors.zoho.api import Api


class Account:
    """Asked once, when it is first needed."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @lazy
    def facts(self) -> tuple[str, bool, Answer]:
        """The home currency, whether there are others, and the answer that told."""
        found, answer = self._api.ask("org")
        orgs = found.get("org")
        org = orgs[0] if isinstance(orgs, list) and orgs else {}
        currency = str(org.get("iso_code", ""))
        if len(currency) != 3:
            raise VendorChanged("the organisation tells no currency")
        return currency.upper(), bool(org.get("mc_status")), answer

    @property
    def currency(self) -> str:
        return self.facts[0]

    @property
    def currency_field(self) -> tuple[str, ...]:
        """Asked for where there is none, it is an error."""
        return ("Currency",) if self.facts[1] else ()
