"""What has to work with every real server, from the look-up to the note: over HTTP, with the application in
processes of its own."""

import secrets
from typing import Any

from sqlalchemy import select

from assist.app import build_desk
from assist.config import Config
from assist.models.account import UserAccount
from assist.models.mirror import Product
from crm_adapters.marks import make_mark
from crm_adapters.model import Customer
from tests.assist.processes.seat import Seat
from tests.assist.processes.service import wait_until
from tests.assist.processes.shop import Shop
from tests.assist.scenes import suggest
from tests.real.commands import Commands
from tests.real.site import Site

AGENT = "Admin"
"""As the CRM's people read who it was."""
WRONG = "wrong-Pass-13579"
NEW_NAME = "Sales Assist was here"


class RealContract:
    """The module gives a fixture `site` of its own."""

    def test_the_check_finds_nothing_missing(self, commands: Commands) -> None:
        assert "FAIL" not in commands.run("crm", "check", "shop")

    def test_a_wrong_secret_is_named_by_the_check(self, site: Site, bare: Commands) -> None:
        told = fail_check(bare, site, "wrong", **{site.secret: WRONG})
        failed = [line for line in told.splitlines() if line.startswith("FAIL")]
        assert any("AuthRevoked" in line or "AuthExpired" in line for line in failed), told
        assert WRONG not in told

    def test_a_second_sync_changes_nothing(self, commands: Commands) -> None:
        reports = commands.sync()
        assert reports["customers"]["rows"]
        assert not any(report["changed"] or report["deleted"] for report in reports.values())

    def test_the_customer_is_found_by_whatever_they_write_from(
        self, site: Site, customer: Customer, seat: Seat
    ) -> None:
        keys = [{"email": site.email.upper()}, {"ref": customer.ref}]
        keys += [{"phone": phone.e164} for phone in customer.phones if phone.e164]
        for key in keys:
            card = look_up(seat, **key)
            assert card["state"] in ("match", "ambiguous"), key.keys()
            assert customer.name in card["html"]

    def test_an_edit_is_noticed(self, site: Site, customer: Customer, commands: Commands, seat: Seat) -> None:
        site.rename(customer.ref, NEW_NAME)
        try:
            commands.sync()
            assert NEW_NAME in look_up(seat, ref=customer.ref)["html"]
        finally:
            site.rename(customer.ref, customer.name)
        commands.sync()
        assert customer.name in look_up(seat, ref=customer.ref)["html"]

    def test_what_was_accepted_is_noted_once(
        self, site: Site, customer: Customer, shop: Shop, seat: Seat
    ) -> None:
        acts = accept(seat, self.find_suggestion(site, shop, seat, customer))
        wait_until(lambda: not shop.list_unsettled(), "delivered")
        for act in acts:
            seat.ask("outcomes", act)  # a browser that did not hear the answer asks again
        shop.forget_deliveries()
        wait_until(lambda: not shop.list_unsettled(), "delivered")
        offered, _ = read_notes(site, customer, acts)
        assert AGENT in offered

    def find_suggestion(self, site: Site, shop: Shop, seat: Seat, customer: Customer) -> str:
        """Where too little is sold to learn from, a product of the server is suggested by hand: what is tried
        here is the way to the CRM."""
        offered = list_suggestions(seat, customer.ref)
        return offered[0] if site.learnable or offered else plant(site, shop, customer)


def fail_check(bare: Commands, site: Site, name: str, **settings: str) -> str:
    """What the check says of a connection of that name that cannot do everything."""
    pairs = [f"{key}={value}" for key, value in {**site.settings, **settings}.items()]
    options = [part for pair in pairs for part in ("--set", pair)]
    bare.run("crm", "add", name, "--adapter", site.adapter, *options)
    return bare.run("crm", "check", name, expect=1)


def look_up(seat: Seat, **key: str | None) -> Any:
    return seat.ask("card", {"context": secrets.token_hex(8), **key})


def list_suggestions(seat: Seat, ref: str) -> list[str]:
    context = secrets.token_hex(8)
    card = seat.ask("card", {"context": context, "ref": ref})
    answer = seat.ask("suggestions", {"context": context, "customer": card["customer"]})
    return [suggestion["id"] for suggestion in answer["suggestions"]]


def accept(seat: Seat, suggestion: str) -> list[dict[str, str]]:
    """Offered to the customer, who says yes: what was sent for it."""
    body = {"suggestion": suggestion}
    acts = [
        {**body, "act": "offered", "channel": "insert", "id": secrets.token_hex(16)},
        {**body, "act": "accepted", "id": secrets.token_hex(16)},
    ]
    for act in acts:
        seat.ask("outcomes", act)
    return acts


def read_notes(site: Site, customer: Customer, acts: list[dict[str, str]]) -> list[str]:
    """One for each act."""
    found = [site.read_notes(customer.ref, make_mark(act["id"])) for act in acts]
    assert [len(notes) for notes in found] == [1] * len(acts)
    return [note for notes in found for note in notes]


def plant(site: Site, shop: Shop, customer: Customer) -> str:
    database, jobs = (f"sqlite:///{shop.folder / name}.sqlite" for name in ("assist", "jobs"))
    desk = build_desk(Config(shop.folder, database, jobs, public_url="http://localhost"))
    with desk.database.reading() as session:
        sku = session.scalars(select(Product.sku).where(Product.active).order_by(Product.id)).first()
        agent = session.scalars(select(UserAccount.id)).first()
    assert sku, "there is no product on this server"
    assert agent
    found = suggest(desk, customer.ref, sku, agent_id=agent)
    desk.database.engine.dispose()
    return found
