"""A shop on the module's own `site`, served, with an agent before it."""

from collections.abc import Iterator

import pytest

from crm_adapters.model import Customer
from tests.assist.processes.nursery import Nursery
from tests.assist.processes.seat import Seat
from tests.assist.processes.service import Forked, Victim
from tests.assist.processes.shop import Shop, connect_shop
from tests.real.commands import Commands
from tests.real.site import Site


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


@pytest.fixture(scope="module")
def shop(site: Site, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Connected and synced by the commands that an admin would type, with a model."""
    folder = tmp_path_factory.mktemp(site.adapter)
    return connect_shop(nursery, folder, site.adapter, site.settings, **site.environment)


@pytest.fixture(scope="module")
def commands(nursery: Nursery, shop: Shop) -> Commands:
    return Commands(nursery, shop)


@pytest.fixture(scope="module")
def bare(site: Site, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """On a shop that nobody serves, for connections that cannot work."""
    commands = Commands(nursery, Shop(tmp_path_factory.mktemp("bare"), site.adapter, "", site.environment))
    commands.run("db", "upgrade")
    return commands


@pytest.fixture(scope="module")
def seat(shop: Shop, nursery: Nursery) -> Iterator[Seat]:
    """At a server with a worker beside it."""
    service, seat = Forked(shop, nursery), Seat(shop.password)
    service.start()
    seat.sit_down(service.url)
    yield seat
    seat.leave()
    service.kill(Victim.BOTH)


@pytest.fixture(scope="module")
def customer(site: Site) -> Customer:
    return site.connect().get_customer(site.find_ref())
