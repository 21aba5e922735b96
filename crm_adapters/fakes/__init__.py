"""Vendors' servers in small, for tests and demos; no list to edit."""

from importlib import import_module
from pkgutil import iter_modules

from crm_adapters.errors import BadSettings
from crm_adapters.fakes import vendors
from crm_adapters.fakes.server import Fake


def available() -> list[str]:
    return sorted(module.name for module in iter_modules(vendors.__path__))


def load(name: str) -> type[Fake]:
    """Raises BadSettings for a vendor of whom there is none."""
    if name not in available():
        raise BadSettings(f"There is no fake of {name}. There are: {', '.join(available()) or 'none yet'}.")
    fake: type[Fake] = import_module(f"{vendors.__name__}.{name}").Fake
    return fake
