"""What is broken, vendor by vendor: a module for each, named like the adapter, that holds `MUTATIONS`."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from tests.crm_adapters.mutations.engine import Mutation


def load_all() -> Mapping[str, tuple[Mutation, ...]]:
    """By the adapter's name."""
    return {module.name: _load(module.name) for module in iter_modules(__path__)}


def _load(vendor: str) -> tuple[Mutation, ...]:
    found: tuple[Mutation, ...] = import_module(f"{__name__}.{vendor}").MUTATIONS
    return found
