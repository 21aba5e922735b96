"""Servers of whoever runs the tests: `REAL_ODOO_URL` and so on, one variable per setting of the adapter."""

import os
from urllib.parse import urlsplit

import pytest

from crm_adapters import registry

HERE = ["127.0.0.1", "::1", "localhost"]
CUSTOMER = "email"


def mark(adapter: str) -> list[pytest.MarkDecorator]:
    """Opens the network to that server, and to nothing else."""
    host = urlsplit(os.environ.get(f"REAL_{adapter.upper()}_URL", "")).hostname
    return [pytest.mark.real, pytest.mark.allow_hosts([*HERE, *([host] if host else [])])]


def read_variables(adapter: str) -> tuple[dict[str, str], str]:
    """Settings, and the e-mail of the customer to work with."""
    prefix = f"REAL_{adapter.upper()}_"
    found = {
        name.removeprefix(prefix).lower(): value
        for name, value in os.environ.items()
        if name.startswith(prefix)
    }
    if adapter not in registry.available():
        pytest.skip(f"there is no adapter called {adapter}")
    if not found.keys() >= {"url", CUSTOMER}:
        pytest.skip(f"{prefix}URL and {prefix}EMAIL name no server of yours, and no customer on it")
    email = found.pop(CUSTOMER)
    registry.load(adapter).load_settings(found)
    return found, email
