"""The console's pages as their users meet them: filled, empty, failing, for one role and another."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from assist.models.account import AuditEntry, Role
from assist.models.connection import Connection, RejectedRecord, SyncState
from assist.models.outbox import OutboxEntry
from assist.models.webhook import Webhook
from assist.services.desk import Desk
from assist.store import webhooks
from crm_adapters.model import ChangeHint, Kind
from tests.assist.conftest import HandClock
from tests.assist.web.shops import open_shop, write_back
from tests.assist.web.visitors import PASSWORD, Visitor, arrive


@pytest.fixture
def admin(app: Flask, desk: Desk) -> Visitor:
    return arrive(app, desk, Role.CRM_ADMIN, Role.AGENT)


@pytest.fixture
def shop(desk: Desk, admin: Visitor) -> Connection:
    """With the admin there before, in whose name its outcomes are."""
    return open_shop(desk)


def states(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return list(session.scalars(select(OutboxEntry.state).order_by(OutboxEntry.id)))


def test_an_empty_installation_says_what_to_do(admin: Visitor) -> None:
    assert "assist crm add" in admin.get("/").text
    assert "No CRM is connected" in admin.get("/connections").text
    assert "The outbox is empty" in admin.get("/outbox").text


def test_home_leads_each_role_to_its_own_pages(app: Flask, desk: Desk, admin: Visitor) -> None:
    agent = arrive(app, desk, Role.AGENT).get("/").text
    auditor = arrive(app, desk, Role.AUDITOR).get("/").text
    assert 'href="/sidebar/"' in agent
    assert 'href="/outbox"' not in agent
    assert 'href="/sidebar/"' not in auditor
    assert 'href="/outbox"' in auditor
    assert 'href="/customers"' not in auditor


def test_connections_show_rows_age_and_rejections(admin: Visitor, shop: Connection) -> None:
    page = admin.get("/connections").text
    assert "1,234" in page
    assert "5 minutes ago" in page
    assert 'href="/connections/shop/rejected/orders"' in page
    assert "/connections/shop/rejected/customers" not in page


def test_a_failed_sync_is_told_with_its_cause(admin: Visitor, shop: Connection, desk: Desk) -> None:
    with desk.database.writing() as session:
        session.get_one(SyncState, (shop.id, "orders")).error = "Unavailable: the CRM did not answer"
    assert "Unavailable: the CRM did not answer" in admin.get("/connections").text
    assert "1 failing" in admin.get("/").text


def test_a_connection_that_is_called_shows_how_often(admin: Visitor, shop: Connection, desk: Desk) -> None:
    assert "webhook" not in admin.get("/connections").text
    now = desk.clock.now()
    row = Webhook(connection_id=shop.id, digest="d", sealed=b"", created_at=now)
    with desk.database.writing() as session:
        session.add(row)
    assert "No webhook has been received yet." in admin.get("/connections").text
    with desk.database.writing() as session:
        found = session.get_one(Webhook, shop.id)
        found.deliveries, found.received_at = 12, now - timedelta(minutes=3)
        found.refused, found.refused_at = 1, now - timedelta(hours=2)
        found.cause = "Unavailable: the CRM did not answer"
        hint = ChangeHint(Kind.CUSTOMERS, "C1", "1")
        webhooks.add_hints(session, shop.id, [hint], at=now, due_at=now)
    page = admin.get("/connections").text
    assert "12 webhooks received" in page
    assert "3 minutes ago" in page
    assert "1 was not signed as it should be" in page
    assert "1 change waits to be read" in page
    assert "Unavailable: the CRM did not answer" in page
    assert "12 webhooks recibidos" in admin.get("/connections", headers={"Accept-Language": "es"}).text


def test_rejected_rows_are_listed_with_line_and_reason(admin: Visitor, shop: Connection) -> None:
    page = admin.get("/connections/shop/rejected/orders").text
    assert "orders.csv" in page
    assert "quantity &lt;b&gt;7x&lt;/b&gt; is not a number" in page
    assert "No rejected rows" in admin.get("/connections/shop/rejected/customers").text
    assert admin.get("/connections/other/rejected/orders").status_code == 404
    assert admin.get("/connections/shop/rejected/nonsense").status_code == 404


def test_rejected_rows_come_in_pages(admin: Visitor, shop: Connection, desk: Desk) -> None:
    with desk.database.writing() as session:
        session.add_all(
            RejectedRecord(connection_id=shop.id, kind="orders", source="o", line=line, reason="r")
            for line in range(100, 250)
        )
    first = admin.get("/connections/shop/rejected/orders").text
    assert ">197<" in first
    assert ">198<" not in first
    onwards = first.partition('href="/connections/shop/rejected/orders?after=')[2].partition('"')[0]
    second = admin.get(f"/connections/shop/rejected/orders?after={onwards}").text
    assert ">198<" in second
    assert "?after=" not in second


def test_sync_now_puts_a_job_in_the_queue_and_is_audited(
    app: Flask, admin: Visitor, shop: Connection, desk: Desk
) -> None:
    response = admin.post("/connections/shop/sync")
    assert response.location == "/connections"
    assert "The sync of shop will start in a moment." in admin.get("/connections").text
    queue = app.extensions["assist.jobs"].queue
    assert queue.pending_count() == 1
    with desk.database.reading() as session:
        assert "sync.asked" in session.scalars(select(AuditEntry.event)).all()


def test_the_outbox_is_searched_by_state_age_attempts_and_cause(
    admin: Visitor, shop: Connection, desk: Desk, clock: HandClock
) -> None:
    now = clock.now()
    write_back(desk, shop, 1, state="delivered", at=now)
    write_back(desk, shop, 4, state="waiting", at=now - timedelta(hours=2), cause="Unavailable: no answer")
    write_back(desk, shop, 9, state="dead", at=now - timedelta(days=2), cause="PermissionDenied: grant notes")

    def found(query: str) -> set[int]:
        page = admin.get(f"/outbox?{query}").text
        return {number for number in (1, 4, 9) if f"Case {number}<" in page}

    assert found("") == {1, 4, 9}
    assert found("state=dead") == {9}
    assert found("age=1h") == {4, 9}
    assert found("age=1d") == {9}
    assert found("attempts=3") == {4, 9}
    assert found("cause=Unavailable") == {4}
    assert found("state=dead&cause=Unavailable") == set()
    assert found("state=nonsense&age=x&attempts=y&before=z") == {1, 4, 9}
    assert "Nothing matches" in admin.get("/outbox?cause=Unavailable&state=dead").text


def test_the_outbox_comes_in_pages_that_keep_the_filter(
    admin: Visitor, shop: Connection, desk: Desk, clock: HandClock
) -> None:
    for number in range(1, 53):
        write_back(desk, shop, number, state="waiting", at=clock.now())
    first = admin.get("/outbox?state=waiting").text
    assert "Case 52<" in first
    assert "Case 2<" not in first
    second = admin.get("/outbox?before=3&state=waiting").text
    assert 'href="/outbox?before=3&amp;state=waiting"' in first
    assert "Case 2<" in second
    assert "Older ones" not in second


def test_dead_letters_are_replayed_singly_and_all(
    admin: Visitor, shop: Connection, desk: Desk, clock: HandClock
) -> None:
    for number in (1, 2, 3):
        write_back(desk, shop, number, state="dead", at=clock.now(), cause="PermissionDenied: x")
    write_back(desk, shop, 4, state="delivered", at=clock.now())
    admin.post("/outbox/1/replay")
    assert states(desk) == ["waiting", "dead", "dead", "delivered"]
    admin.post("/outbox/4/replay")
    assert "There was nothing to replay" in admin.get("/outbox").text
    admin.post("/outbox/replay")
    assert "2 dead letters are due again." in admin.get("/outbox").text
    assert states(desk) == ["waiting", "waiting", "waiting", "delivered"]


def test_shadow_mode_is_said_wherever_writes_are(
    admin: Visitor, shop: Connection, desk: Desk, clock: HandClock
) -> None:
    write_back(desk, shop, 1, state="shadow", at=clock.now())
    with desk.database.writing() as session:
        session.get_one(Connection, shop.id).shadow = True
    said = "not written: shadow mode"
    assert said in admin.post("/customers", {"key": "c1@example.com"}).text
    write_back(desk, shop, 2, state="dead", at=clock.now(), cause="PermissionDenied: x")
    assert f'<span class="tag">{said}</span>' in admin.get("/connections").text
    assert f"1 {said}" in admin.get("/").text
    page = admin.get("/outbox?state=shadow").text
    assert page.count("<tr>") == 2
    assert 'action="/outbox/2/replay"' not in admin.get("/outbox?state=dead").text
    admin.post("/outbox/2/replay")
    assert "its connection is in shadow mode" in admin.get("/outbox?state=dead").text
    assert states(desk) == ["shadow", "dead"]
    spanish = admin.get("/connections", headers={"Accept-Language": "es"}).text
    assert "no se escribe: modo sombra" in spanish


def test_what_is_kept_is_not_called_delivered(
    admin: Visitor, shop: Connection, desk: Desk, clock: HandClock
) -> None:
    assert "all delivered" in admin.get("/").text
    write_back(desk, shop, 1, state="shadow", at=clock.now())
    assert "all delivered" not in admin.get("/").text


def test_watchers_see_dead_letters_but_no_button(
    app: Flask, shop: Connection, desk: Desk, clock: HandClock
) -> None:
    write_back(desk, shop, 1, state="dead", at=clock.now(), cause="PermissionDenied: x")
    page = arrive(app, desk, Role.AUDITOR).get("/outbox").text
    assert "PermissionDenied: x" in page
    assert "Replay" not in page


def test_a_customer_is_found_by_post_and_shown_escaped(admin: Visitor, shop: Connection) -> None:
    page = admin.post("/customers", {"key": " C1@Example.com "}).text
    assert "Ana &lt;Ruiz&gt;" in page
    assert "Ana <Ruiz>" not in page
    assert admin.get("/customers?key=c1@example.com").text.count("Ruiz") == 0


def test_a_key_of_two_customers_asks_which(admin: Visitor, shop: Connection) -> None:
    page = admin.post("/customers", {"key": "family@example.com"}).text
    assert "Several customers have it" in page
    assert "Bruno Díaz" in page
    picked = admin.post("/customers", {"customer": "2"}).text
    assert "<h1><bdi>Bruno Díaz</bdi></h1>" in picked


@pytest.mark.parametrize("key", ["nobody@example.com", "+34 600 000 000", "C999"])
def test_nobody_found_says_what_to_try(admin: Visitor, shop: Connection, key: str) -> None:
    assert "Nobody found" in admin.post("/customers", {"key": key}).text


def test_a_crm_id_is_a_key_too(admin: Visitor, shop: Connection) -> None:
    assert "Bruno Díaz" in admin.post("/customers", {"key": "C2"}).text


def test_every_persona_has_a_card_in_every_language(admin: Visitor, desk: Desk) -> None:
    for language in ("en", "es", "pt-BR"):
        listed = admin.get("/personas", headers={"Accept-Language": language}).text
        for persona in desk.personas.personas:
            assert f'href="/personas/{persona.key}"' in listed
            card = admin.get(f"/personas/{persona.key}", headers={"Accept-Language": language}).text
            assert persona.name.into(language) in card
    assert admin.get("/personas/nobody").status_code == 404


def test_a_persona_that_was_to_be_reviewed_says_so(
    app: Flask, admin: Visitor, desk: Desk, clock: HandClock
) -> None:
    for path in ("/personas", "/personas/small_company"):
        assert "To be reviewed by" in admin.get(path).text
    last = max(persona.review_on for persona in desk.personas.personas)
    clock.pass_time(days=(last - clock.now().date()).days + 1)
    later = arrive(app, desk, Role.AGENT)
    for path in ("/personas", "/personas/small_company"):
        assert "Review was due on" in later.get(path).text


def test_ones_own_language_and_time_zone(admin: Visitor, shop: Connection) -> None:
    admin.post("/account/choices", {"language": "es", "time_zone": "America/Mexico_City"})
    page = admin.get("/connections").text
    assert "hace 5 minutos" in page
    assert 'title="2 mar 2026 02:55"' in page
    admin.post("/account/choices", {"language": "xx", "time_zone": "Mars/Base"})
    assert 'title="2 Mar 2026 08:55"' in admin.get("/connections").text


def test_changing_the_password_needs_the_old_and_a_good_new_one(admin: Visitor) -> None:
    wrong = admin.post("/account/password", {"current": "wrong", "new": "another long password"})
    assert (wrong.status_code, "That is not your current password." in wrong.text) == (422, True)
    short = admin.post("/account/password", {"current": PASSWORD, "new": "short"})
    assert (short.status_code, "A password needs at least 12 characters." in short.text) == (422, True)
    done = admin.post("/account/password", {"current": PASSWORD, "new": "another long password"})
    assert done.location == "/account"
    assert admin.get("/account").status_code == 200


def test_other_sessions_are_listed_and_ended(app: Flask, admin: Visitor) -> None:
    assert admin.user
    phone = Visitor(app.test_client())
    phone.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone) Version/17 Safari/605"
    phone.sign_in(admin.user)
    assert "Safari · iPhone" in admin.get("/account").text
    admin.post("/account/sessions/2/revoke")
    assert phone.get("/").status_code == 302
    assert "Safari · iPhone" not in admin.get("/account").text
    assert admin.post("/account/sessions/1/revoke").location == "/sign-in"


def test_the_first_steps_are_told_until_they_are_taken(app: Flask, desk: Desk) -> None:
    admin = arrive(app, desk, Role.CRM_ADMIN, Role.OPS_EDITOR)
    fresh = admin.get("/").text
    assert "0 of 6" in fresh
    assert fresh.count("Go there") == 1
    open_shop(desk)
    begun = admin.get("/").text
    assert "2 of 6" in begun
    assert 'href="/model">Go there' in begun
    assert "First steps" not in arrive(app, desk, Role.AGENT).get("/").text
