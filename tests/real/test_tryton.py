"""The whole loop against Tryton 8.2 as it comes from PyPI, with SQLite."""

import secrets
from collections.abc import Iterator
from decimal import Decimal

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import Conflict, Merged, NotFound, ValidationFailed
from crm_adapters.model import (
    Customer,
    CustomerKey,
    CustomerMatch,
    KeyKind,
    Kind,
    Money,
    NewLine,
    Product,
    ProductRelation,
)
from crm_adapters.testing import make_outcome
from crm_adapters.testing.changing import sync
from tests.assist.processes.seat import Seat
from tests.assist.processes.service import wait_until
from tests.assist.processes.shop import Shop
from tests.real.commands import Commands
from tests.real.contract import AGENT, RealContract, accept, fail_check, list_suggestions, look_up, read_notes
from tests.real.tryton.client import Client
from tests.real.tryton.filling import BRUNO, Person, add_people, fill
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
        try:
            acts = accept(seat, suggestion)
            wait_until(lambda: bool(shop.list_causes()), "tried in vain")
            assert all(cause.startswith("Unavailable") for cause in shop.list_causes())
            assert BRUNO.name in look_up(seat, email=BRUNO.email)["html"]
        finally:
            site.server.start()
        wait_until(lambda: not shop.list_unsettled(), "delivered")
        offered, _ = read_notes(site, bruno, acts)
        assert AGENT in offered


@pytest.fixture(scope="module")
def adapter(site: TrytonSite) -> CRMAdapter:
    return site.connect()


@pytest.fixture
def somebody(site: TrytonSite) -> str:
    """New, without purchases."""
    name = secrets.token_hex(4)
    return str(add_people(site.client, [Person(name, f"a_{name}@example.com")])[0])


class TestAdapter:
    """What its fake says of Tryton, asked of Tryton."""

    def test_an_underscore_in_an_address_is_no_wildcard(
        self, site: TrytonSite, adapter: CRMAdapter, somebody: str
    ) -> None:
        email = adapter.get_customer(somebody).emails[0].value
        add_people(site.client, [Person("Somebody else", email.replace("a_", "ax"))])
        assert [match.customer.ref for match in _find(adapter, email.upper())] == [somebody]

    def test_a_product_has_its_price_its_stock_and_its_relations(
        self, site: TrytonSite, adapter: CRMAdapter
    ) -> None:
        products = {one.sku: one for one in _list(adapter, Kind.PRODUCTS) if isinstance(one, Product)}
        laptop, dock = products["LAPTOP"], products["DOCK"]
        assert (laptop.prices, laptop.stock) == ((Money(Decimal("999.00"), "EUR"),), 500)
        assert ProductRelation(laptop.ref, dock.ref, "cross_sell") in adapter.relations(laptop.ref)
        (told,) = [finding for finding in adapter.check().findings if finding.name == "stock"]
        assert (told.ok, told.warning) == (True, False)

    def test_a_line_is_put_on_a_draft_once(
        self, site: TrytonSite, adapter: CRMAdapter, somebody: str
    ) -> None:
        (draft,) = site.client.create("sale.sale", {"party": int(somebody), "description": "Wishes"})
        dock = str(site.client.find_id("product.product", "code", "DOCK"))
        for _ in range(2):
            adapter.add_line(str(draft), NewLine(dock, Decimal(2)), key="line-1")
        (deal,) = adapter.open_deals(somebody)
        assert [(line.product_ref, line.quantity) for line in deal.lines] == [(dock, Decimal(2))]
        assert deal.amount == Money(Decimal("298.00"), "EUR")
        site.client.run("sale.sale", "cancel", [draft])
        with pytest.raises(Conflict):
            adapter.add_line(str(draft), NewLine(dock), key="line-2")

    def test_a_line_is_put_on_an_opportunity_once(
        self, site: TrytonSite, adapter: CRMAdapter, somebody: str
    ) -> None:
        site.client.create("sale.opportunity", {"party": int(somebody), "description": "Office"})
        (deal,) = adapter.open_deals(somebody)
        dock = str(site.client.find_id("product.product", "code", "DOCK"))
        for _ in range(2):
            adapter.add_line(deal.ref, NewLine(dock), key="line-1")
        (deal,) = adapter.open_deals(somebody)
        assert [line.product_ref for line in deal.lines] == [dock]

    def test_what_cannot_be_sold_is_refused(
        self, site: TrytonSite, adapter: CRMAdapter, somebody: str
    ) -> None:
        (draft,) = site.client.create("sale.sale", {"party": int(somebody)})
        dock = str(site.client.find_id("product.product", "code", "DOCK"))
        with pytest.raises(ValidationFailed):
            adapter.add_line(str(draft), NewLine(dock, Decimal("1.5")), key="line-1")
        with pytest.raises(NotFound):
            adapter.add_line("999999", NewLine(dock), key="line-1")

    def test_a_change_in_between_is_a_conflict(
        self, site: TrytonSite, adapter: CRMAdapter, somebody: str
    ) -> None:
        before = adapter.get_customer(somebody)
        after = adapter.update_customer(somebody, {"name": "A name"}, expected_version=before.version)
        assert after.name == "A name"
        with pytest.raises(Conflict):
            adapter.update_customer(somebody, {"name": "Another"}, expected_version=before.version)

    def test_a_merged_customer_leads_to_the_one_who_stays(
        self, site: TrytonSite, adapter: CRMAdapter, somebody: str
    ) -> None:
        """With whose ways to be reached, and none of the one who went."""
        twin = Person(adapter.get_customer(somebody).name, "twin@example.com")
        (stays,) = add_people(site.client, [twin])
        cursor = sync(adapter, Kind.CUSTOMERS).cursor
        site.client.merge(int(somebody), into=stays)
        with pytest.raises(Merged) as refusal:
            adapter.get_customer(somebody)
        assert refusal.value.new_ref == str(stays)
        run = sync(adapter, Kind.CUSTOMERS, cursor)
        assert run.merged == {somebody: str(stays)}
        (found,) = _find(adapter, twin.email)
        assert [email.value for email in found.customer.emails] == [twin.email]

    def test_an_archived_customer_is_gone(self, site: TrytonSite, adapter: CRMAdapter, somebody: str) -> None:
        email = adapter.get_customer(somebody).emails[0].value
        site.client.run("party.party", "write", [int(somebody)], {"active": False})
        assert _find(adapter, email) == []
        with pytest.raises(NotFound):
            adapter.get_customer(somebody)

    def test_a_note_holds_what_people_write(
        self, site: TrytonSite, adapter: CRMAdapter, somebody: str
    ) -> None:
        text = "Ñandú & <b> 'quoted' \\ % _ 🙂\n" + "x" * 5_000
        first = adapter.log_outcome(make_outcome(somebody, note=text), key="key/1")
        again = adapter.log_outcome(make_outcome(somebody, note=text), key="key/1")
        assert (first.created, again.created, again.ref) == (True, False, first.ref)
        (note,) = site.client.find("ir.note", [("id", "=", int(first.ref))], "message")
        assert note["message"].startswith(text)

    def test_fields_are_described(self, adapter: CRMAdapter) -> None:
        fields = {field.name: field for field in adapter.describe_fields(Kind.CUSTOMERS, sample=20)}
        assert (fields["name"].mapped, fields["name"].fill_rate, fields["name"].personal) == (
            "name",
            1.0,
            True,
        )


def _find(adapter: CRMAdapter, email: str) -> list[CustomerMatch]:
    return adapter.find_customers(CustomerKey(KeyKind.EMAIL, email))


def _list(adapter: CRMAdapter, kind: Kind) -> list[object]:
    return [item for page in sync(adapter, kind).pages for item in page.items]
