"""Vendors call, and somebody who is none of them, through the real route."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from time import monotonic
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from assist.config import Config
from assist.models.connection import Connection
from assist.models.mirror import Customer
from assist.models.webhook import Hint, Webhook
from assist.services.connect import add_connection
from assist.services.desk import Desk
from assist.services.hints import read_due
from assist.services.rates import MOST_SUBJECTS, Rates
from assist.services.sync import sync
from assist.services.webhooks import SETTLES
from assist.web.webhooks import EXTENSION, LARGEST_BODY, Bounds
from crm_adapters.fakes import load
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import ANA, DECOYS
from crm_adapters.fakes.server import Fake
from crm_adapters.model import Kind, WebhookRequest
from tests.assist.conftest import HandClock
from tests.assist.web.visitors import Visitor

PUBLIC = "https://assist.example.com"
KEY = "1"
"""The fakes were told to call `https://assist.example.com/webhooks/1`, and sign that."""
VENDORS = ("hubspot", "woocommerce", "pipedrive")


class TickingClock(HandClock):
    """For the pace that is kept with a vendor, time must pass."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = monotonic()

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=monotonic() - self._begun)


@pytest.fixture
def clock() -> HandClock:
    return TickingClock()


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, public_url=PUBLIC, crm_private_hosts=frozenset({"127.0.0.1"}))


@dataclass
class Scene:
    """A vendor that is connected and synced, and calls."""

    desk: Desk
    app: Flask
    fake: Fake
    clock: HandClock
    ana: str
    """Her ref there."""

    def post(self, request: WebhookRequest) -> TestResponse:
        query = urlsplit(request.url).query
        return self.app.test_client().open(
            f"/webhooks/{KEY}",
            method=request.method,
            query_string=query,
            headers=dict(request.headers),
            data=request.body,
        )

    def deliver(self) -> int:
        """How much there was to look into."""
        self.clock.pass_time(seconds=SETTLES.total_seconds() + self.fake.lag.total_seconds())
        return read_due(self.desk)

    def hints(self) -> list[tuple[str, str]]:
        with self.desk.database.reading() as session:
            return [(row.kind, row.ref) for row in session.scalars(select(Hint).order_by(Hint.id))]

    def given_name(self) -> str | None:
        """Ana's; None where she is gone."""
        mine = select(Customer.given_name).where(Customer.ref == self.ana, Customer.deleted.is_(False))
        with self.desk.database.reading() as session:
            return session.scalar(mine)

    def webhook(self) -> Webhook:
        with self.desk.database.reading() as session:
            return session.scalars(select(Webhook)).one()


@pytest.fixture(params=VENDORS)
def scene(request: pytest.FixtureRequest, desk: Desk, app: Flask, clock: HandClock) -> Iterator[Scene]:
    fake = load(request.param)(clock.now)
    ana, _ = (fake.put(replace(record, ref="", company_ref=None)) for record in (ANA, DECOYS[0]))
    clock.pass_time(seconds=fake.lag.total_seconds())
    with serving(fake) as url:
        add_connection(desk, "crm", adapter=request.param, settings=fake.settings(url))
        sync(desk, "crm")
        give_key(desk)
        yield Scene(desk, app, fake, clock, ana)


def give_key(desk: Desk) -> None:
    with desk.database.writing() as session:
        row = Webhook(
            connection_id=session.scalars(select(Connection.id)).one(),
            digest=sha256(KEY.encode()).hexdigest(),
            sealed=desk.vault.seal({"key": KEY}),
            created_at=desk.clock.now(),
        )
        session.add(row)


def test_a_change_is_in_the_mirror_before_the_next_sync(scene: Scene) -> None:
    assert scene.given_name() == ANA.given_name
    renamed = replace(ANA, ref=scene.ana, name="Anita Ruiz", given_name="Anita", family_name="Ruiz")
    scene.fake.put(replace(renamed, company_ref=None))
    answer = scene.post(scene.fake.webhook(Kind.CUSTOMERS, scene.ana))
    assert (answer.status_code, answer.data) == (200, b"")
    assert scene.hints() == [("customers", scene.ana)]
    assert scene.given_name() == ANA.given_name, "nothing is asked while the CRM waits"
    assert scene.deliver() == 1
    assert scene.given_name() == "Anita"
    assert scene.webhook().deliveries == 1


def test_a_customer_who_is_gone_leaves_the_mirror(scene: Scene) -> None:
    told = scene.fake.webhook(Kind.CUSTOMERS, scene.ana)
    scene.fake.delete(Kind.CUSTOMERS, scene.ana)
    assert scene.post(told).status_code == 200
    assert scene.deliver() == 1
    assert scene.given_name() is None


def test_one_event_that_is_delivered_often_is_looked_into_once(scene: Scene) -> None:
    told = scene.fake.webhook(Kind.CUSTOMERS, scene.ana)
    assert [scene.post(told).status_code for _ in range(3)] == [200] * 3
    assert len(scene.hints()) == 1
    assert scene.deliver() == 1
    assert scene.post(told).status_code == 200
    assert scene.deliver() == 0


def test_what_somebody_else_sends_is_refused_without_a_reason(scene: Scene) -> None:
    forgeries = scene.fake.forge_webhooks(Kind.CUSTOMERS, scene.ana)
    for forged in forgeries:
        late = forged.at - scene.clock.now()
        scene.clock.pass_time(seconds=late.total_seconds())
        answer = scene.post(forged)
        assert (answer.status_code, answer.data) == (403, b"")
        scene.clock.pass_time(seconds=-late.total_seconds())
    assert scene.hints() == []
    assert (scene.webhook().deliveries, scene.webhook().refused) == (0, len(forgeries))


@pytest.mark.parametrize("scene", ["hubspot"], indirect=True)
def test_an_address_is_called_as_it_is_known_to_the_vendor(scene: Scene) -> None:
    """Whatever host a proxy names to us."""
    told = scene.fake.webhook(Kind.CUSTOMERS, scene.ana)
    elsewhere = replace(told, headers={**told.headers, "Host": "10.1.2.3:8000"})
    assert scene.post(elsewhere).status_code == 200


@pytest.mark.parametrize("scene", ["woocommerce"], indirect=True)
def test_a_greeting_is_answered_and_says_nothing(scene: Scene) -> None:
    answer = scene.app.test_client().post(f"/webhooks/{KEY}", data={"webhook_id": "12"})
    assert answer.status_code == 200
    assert (scene.hints(), scene.webhook().deliveries) == ([], 1)


@pytest.mark.parametrize("scene", ["hubspot"], indirect=True)
def test_a_merge_is_followed(scene: Scene) -> None:
    other = scene.fake.put(replace(ANA, ref="", company_ref=None, emails=(), country="CL"))
    told = scene.fake.webhook(Kind.CUSTOMERS, scene.ana)
    scene.fake.merge(scene.ana, into=other)
    assert scene.post(told).status_code == 200
    assert scene.deliver() == 1
    assert scene.given_name() is None
    with scene.desk.database.reading() as session:
        found = session.scalars(select(Customer).where(Customer.ref == other)).one()
    assert (found.deleted, found.country) == (False, "CL")


@pytest.mark.parametrize("scene", ["woocommerce"], indirect=True)
def test_bodies_are_bounded_and_may_be_larger_than_a_form(scene: Scene) -> None:
    client = scene.app.test_client()
    assert client.post(f"/webhooks/{KEY}", data=b"x" * (LARGEST_BODY + 1)).status_code == 413
    assert client.post(f"/webhooks/{KEY}", data=b"x" * LARGEST_BODY).status_code == 403


@pytest.mark.parametrize("scene", ["pipedrive"], indirect=True)
def test_too_many_calls_are_put_off_and_refusals_counted_up_to_a_bound(scene: Scene) -> None:
    forged = scene.fake.forge_webhooks(Kind.CUSTOMERS, scene.ana)[0]
    scene.app.extensions[EXTENSION] = Bounds(calls=Rates(3), refusals=Rates(2))
    answers = [scene.post(forged) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert scene.webhook().refused == 2
    scene.clock.pass_time(minutes=1)
    assert scene.post(scene.fake.webhook(Kind.CUSTOMERS, scene.ana)).status_code == 200


@pytest.mark.parametrize("scene", ["pipedrive"], indirect=True)
def test_a_trusted_message_that_nobody_understands_is_not_asked_for_again(scene: Scene) -> None:
    genuine = scene.fake.webhook(Kind.CUSTOMERS, scene.ana)
    assert scene.post(replace(genuine, body=b"[]")).status_code == 200
    assert scene.hints() == []


@pytest.mark.parametrize("scene", ["pipedrive"], indirect=True)
def test_a_connection_that_cannot_be_opened_lets_the_vendor_try_again(scene: Scene) -> None:
    with scene.desk.database.writing() as session:
        session.scalars(select(Connection)).one().sealed = b"not ours"
    answer = scene.post(scene.fake.webhook(Kind.CUSTOMERS, scene.ana))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_an_unknown_address_is_no_page(stranger: Visitor) -> None:
    answer = stranger.client.post("/webhooks/nobody")
    assert (answer.status_code, answer.data) == (404, b"")
    assert stranger.get("/webhooks/").status_code == 404


def test_very_many_callers_are_not_remembered(clock: HandClock) -> None:
    rates, at = Rates(1), clock.now()
    assert all(rates.allows(str(number), at) for number in range(MOST_SUBJECTS))
    assert not rates.allows("one more", at)
    assert rates.allows("one more", at + timedelta(minutes=1))
