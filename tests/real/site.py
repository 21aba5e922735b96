"""A real server of a CRM, and one customer on it for the tests to work with."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from crm_adapters import registry
from crm_adapters.base import CRMAdapter
from crm_adapters.model import CustomerKey, KeyKind
from crm_adapters.network import Network
from crm_adapters.transport import Transport

TIMEOUT = 30.0


class Site(ABC):
    adapter: ClassVar[str]
    secret: ClassVar[str]
    """The setting that lets us in."""
    learnable: ClassVar[bool] = False
    """Enough is sold for a model to have something to offer to the customer."""

    def __init__(self, settings: Mapping[str, str], email: str) -> None:
        self.settings = settings
        self.email = email
        """Of the customer, who stays as they are, but for notes and for a name that is given back."""

    @property
    def url(self) -> str:
        return self.settings["url"].rstrip("/")

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def network(self) -> Network:
        return Network(private_hosts=frozenset({self.host}))

    @property
    def environment(self) -> dict[str, str]:
        """Of an application that may reach it, in whatever network."""
        return {"ASSIST_CRM_PRIVATE_HOSTS": self.host}

    def connect(self) -> CRMAdapter:
        kind = registry.load(self.adapter)
        return kind(kind.load_settings(self.settings), Transport(network=self.network))

    def find_ref(self) -> str:
        (match,) = self.connect().find_customers(CustomerKey(KeyKind.EMAIL, self.email))
        return match.customer.ref

    @abstractmethod
    def read_notes(self, ref: str, mark: str) -> list[str]:
        """Those with that mark, about the customer; asked of the server itself."""

    def rename(self, ref: str, name: str) -> None:
        adapter = self.connect()
        if not adapter.capabilities.update_customer:
            pytest.skip(f"{self.adapter} does not let us change customers")
        adapter.update_customer(ref, {"name": name})
