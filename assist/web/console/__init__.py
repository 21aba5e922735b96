"""The console's pages, one module each; importing them puts their routes on the blueprint."""

from assist.web.console import (
    account,
    connections,
    customers,
    home,
    hosts,
    log,
    methods,
    model,
    navigation,
    outbox,
    pairs,
    personas,
    release_steps,
    releases,
    secrets,
    switches,
)
from assist.web.console.area import blueprint

__all__ = [
    "account",
    "blueprint",
    "connections",
    "customers",
    "home",
    "hosts",
    "log",
    "methods",
    "model",
    "navigation",
    "outbox",
    "pairs",
    "personas",
    "release_steps",
    "releases",
    "secrets",
    "switches",
]
