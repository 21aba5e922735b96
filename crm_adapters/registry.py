"""Finds adapters: a module in `crm_adapters.vendors` or an entry point of another distribution; no list to edit."""

from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules

from crm_adapters import vendors
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import BadSettings

ENTRY_POINTS = "sales_assist.crm_adapters"


def available() -> list[str]:
    """The names that `load` knows, sorted; nothing is imported for it."""
    return sorted(_shipped() | _installed().keys())


def load(name: str) -> type[CRMAdapter]:
    """The adapter's class. A vendor's module or entry point holds it as `Adapter`.

    Raises BadSettings for an unknown name, with the nearest known one.
    """
    adapter: type[CRMAdapter]
    if name in _shipped():
        adapter = import_module(f"{vendors.__name__}.{name}").Adapter
    elif point := _installed().get(name):
        adapter = point.load()
    else:
        raise BadSettings(_unknown(name))
    assert issubclass(adapter, CRMAdapter)  # noqa: S101 - a plug-in's author sees this, not a user
    return adapter


def _shipped() -> set[str]:
    return {module.name for module in iter_modules(vendors.__path__) if not module.name.startswith("_")}


def _installed() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def _unknown(name: str) -> str:
    near = get_close_matches(name.lower(), available(), n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"There is no adapter called {name}.{hint} Available: {', '.join(available())}."
