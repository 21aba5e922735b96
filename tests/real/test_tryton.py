"""The whole loop against Tryton 8.2 as it comes from PyPI, with SQLite."""

from collections.abc import Iterator

import pytest

from crm_adapters.model import Customer
from tests.assist.processes.seat import Seat
from tests.assist.processes.service import wait_until
from tests.assist.processes.shop import Shop
from tests.real.commands import Commands
from tests.real.contract import RealContract, accept, count_notes, fail_check, list_suggestions, look_up
from tests.real.tryton.client import Client
from tests.real.tryton.filling import BRUNO, fill
from tests.real.tryton.server import Server, copy_template, require_template
from tests.real.tryton.site import TrytonSite
from tests.real.tryton.template import CLERK


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    require_template()
    with copy_template(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def site(server: Server) -> TrytonSite:
    client = Client(server)
    fill(client)
    return TrytonSite(server, client)


@pytest.fixture(scope="module")
def bruno(site: TrytonSite) -> Customer:
    (party,) = site.client.find("party.party", [("name", "=", BRUNO.name)])
    return site.connect().get_customer(str(party["id"]))


class TestTryton(RealContract):
    def test_a_right_that_is_missing_is_named_with_who_grants_it(
        self, site: TrytonSite, bare: Commands
    ) -> None:
        told = fail_check(bare, site, "clerk", user=CLERK)
        assert "sale.sale read" in told
        assert "administrator of Tryton, under Administration › Users" in told

    def test_notes_wait_for_a_server_that_is_away(
        self, site: TrytonSite, bruno: Customer, shop: Shop, seat: Seat
    ) -> None:
        (suggestion, *_) = list_suggestions(seat, bruno.ref)
        site.server.stop()
        acts = accept(seat, suggestion)
        wait_until(lambda: bool(shop.list_causes()), "tried in vain")
        assert all(cause.startswith("Unavailable") for cause in shop.list_causes())
        assert BRUNO.name in look_up(seat, email=BRUNO.email)["html"]
        site.server.start()
        wait_until(lambda: not shop.list_unsettled(), "delivered")
        assert count_notes(site, bruno, acts) == [1, 1]
