"""A connection as it runs, its secrets and hosts, single writes, the log and switches: what pages say and do."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from assist.models.account import AuditEntry, Role
from assist.models.connection import Connection, LostField, SyncState
from assist.models.outbox import OutboxEntry
from assist.services import switches
from assist.services.connect import get_connection
from assist.services.desk import Desk
from assist.services.switchboard import Switch
from crm_adapters.ledger import FileLedger, Page, Reading
from tests.assist.crms import World, connect
from tests.assist.web.shops import open_shop, write_back
from tests.assist.web.visitors import Visitor, add, arrive

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def admin(app: Flask, desk: Desk) -> Visitor:
    return arrive(app, desk, Role.CRM_ADMIN, Role.AGENT)


@pytest.fixture
def shop(desk: Desk, admin: Visitor) -> Connection:
    return open_shop(desk)


@pytest.fixture
def world(desk: Desk) -> World:
    """With a connection `crm` whose secret the CRM takes."""
    world = connect(desk, "crm")
    world.token = "old-secret"
    with desk.database.writing() as session:
        get_connection(session, "crm").sealed = desk.vault.seal({"token": "old-secret"})
    return world


def events(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return list(session.scalars(select(AuditEntry.event).order_by(AuditEntry.id)))


class TestConnection:
    def test_says_what_is_known_and_what_is_not(self, admin: Visitor, shop: Connection, desk: Desk) -> None:
        page = admin.get("/connections/shop").text
        assert "unknown until the next sync ends" in page
        assert "Unknown: the CRM has not said lately" in page
        assert "The CRM was given no address of ours" in page
        assert "Nobody has mapped a field by hand" in page
        with desk.database.writing() as session:
            session.get_one(SyncState, (shop.id, "orders")).through_at = desk.clock.now() - timedelta(
                minutes=6
            )
            session.get_one(Connection, shop.id).last_sync_at = desk.clock.now() - timedelta(minutes=5)
        page = admin.get("/connections/shop").text
        assert "2 Mar 2026 08:54" in page
        assert "6 minutes behind" in page
        assert "in 10 minutes" in page

    def test_tells_a_failure_with_the_way_out(self, admin: Visitor, shop: Connection, desk: Desk) -> None:
        with desk.database.writing() as session:
            state = session.get_one(SyncState, (shop.id, "orders"))
            state.error = "PermissionDenied: grant orders.read"
        page = admin.get("/connections/shop").text
        assert "PermissionDenied: grant orders.read" in page
        assert "Ask whoever runs the CRM to grant what is named." in page

    def test_shows_the_quota_that_the_limiter_noted(
        self, admin: Visitor, shop: Connection, desk: Desk
    ) -> None:
        now = desk.clock.now().timestamp()

        def note(page: Page) -> None:
            page.readings["daily"] = Reading(250_000, 12_345, now + 60)
            page.readings["window"] = Reading(100, 7, now - 1)
            page.closed_until = now + 30

        FileLedger(desk.config.data_dir / "calls" / f"{shop.id}-api.json").change(note)
        page = admin.get("/connections/shop").text
        assert "12,345 of 250,000" in page
        assert "window" not in page, "what it said does not hold any more"
        assert "the CRM asked for silence" in page

    def test_one_kind_is_run_alone(self, app: Flask, admin: Visitor, shop: Connection, desk: Desk) -> None:
        queue = app.extensions["assist.jobs"].queue
        admin.post("/connections/shop/sync", {"kind": "orders"})
        assert queue.dequeue().args == ["shop", "orders"]
        assert admin.post("/connections/shop/sync", {"kind": "cases"}).status_code == 404
        switches.switch_off(desk, Switch.EVERYTHING, reason="stop")
        admin.post("/connections/shop/sync")
        assert "everything is switched off" in admin.get("/connections/shop").text
        assert queue.dequeue() is None

    def test_lost_fields_alarm_on_three_pages(self, admin: Visitor, shop: Connection, desk: Desk) -> None:
        persona = desk.personas.personas[0]
        with desk.database.writing() as session:
            for ours in ("customer.crm.store", "customer.language"):
                session.add(
                    LostField(
                        connection_id=shop.id,
                        ours=ours,
                        theirs="theirs_<b>",
                        cause=f"{ours}: the CRM has no field",
                        since=desk.clock.now(),
                    )
                )
        assert persona
        assert "2 fields are gone" in admin.get("/").text
        for path in ("/connections", "/connections/shop"):
            page = admin.get(path).text
            assert "2 mapped fields are gone from the CRM" in page
            assert "The fact crm.store is unknown until it is back." in page
            assert "theirs_&lt;b&gt;" in page

    def test_there_is_none_of_that_name(self, admin: Visitor) -> None:
        for path in ("", "/secrets", "/hosts"):
            assert admin.get(f"/connections/none{path}").status_code == 404
        for path in ("secrets", "secrets/drop", "hosts", "hosts/remove"):
            assert admin.post(f"/connections/none/{path}", {"host": "a.example", "why": "x"}).status_code in {
                404,
                422,
            }


class TestSecrets:
    def test_a_new_one_is_tried_used_and_the_former_dropped(
        self, admin: Visitor, world: World, desk: Desk
    ) -> None:
        world.token = "n3w-secret"
        done = admin.post("/connections/crm/secrets", {"secret.token": "n3w-secret"}, follow_redirects=True)
        assert "The CRM took the new secret, and it is used from now on." in done.text
        assert "The change is under way" in done.text
        assert "n3w-secret" not in done.text
        assert "old-secret" not in done.text
        dropped = admin.post("/connections/crm/secrets/drop", follow_redirects=True)
        assert "The former secret is gone." in dropped.text
        assert "The change is under way" not in dropped.text
        assert events(desk)[-2:] == ["connection.secrets_rotated", "connection.former_secrets_dropped"]

    def test_one_that_is_refused_changes_nothing(self, admin: Visitor, world: World, desk: Desk) -> None:
        refused = admin.post("/connections/crm/secrets", {"secret.token": "mistyped-Qzx7"})
        assert refused.status_code == 422
        assert "Nothing was changed" in refused.text
        assert "AuthExpired: the token is not taken." in refused.text
        assert "mistyped-Qzx7" not in refused.text
        with desk.database.reading() as session:
            row = get_connection(session, "crm")
        assert desk.vault.open(row.sealed) == {"token": "old-secret"}
        assert row.former_sealed is None

    def test_an_empty_form_says_so(self, admin: Visitor, world: World) -> None:
        empty = admin.post("/connections/crm/secrets", {"secret.token": "  "})
        assert (empty.status_code, "Enter at least one new secret." in empty.text) == (422, True)

    def test_a_sync_from_before_is_told(self, admin: Visitor, world: World, desk: Desk) -> None:
        now = desk.clock.now()
        with desk.database.writing() as session:
            row = get_connection(session, "crm")
            row.sync_until, row.sync_token = now + timedelta(minutes=1), "t"
            session.add(SyncState(connection_id=row.id, kind="orders", started_at=now - timedelta(minutes=3)))
        world.token = "n3w-secret"
        admin.post("/connections/crm/secrets", {"secret.token": "n3w-secret"})
        assert (
            "A sync that began before still runs, for 3 minutes."
            in admin.get("/connections/crm/secrets").text
        )


class TestHosts:
    def test_what_is_no_host_is_explained(self, admin: Visitor, world: World) -> None:
        wrong = admin.post("/connections/crm/hosts", {"host": "https://x.example/", "why": "exports"})
        assert (wrong.status_code, "write the name alone" in wrong.text) == (422, True)
        assert 'value="https://x.example/"' in wrong.text
        inside = admin.post("/connections/crm/hosts", {"host": "127.0.0.1", "why": "exports"})
        assert (inside.status_code, "there is no public host of that name" in inside.text) == (422, True)

    def test_an_added_one_is_listed_and_removed(
        self, admin: Visitor, world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("assist.services.transport.resolve_by_system", lambda *_: ["93.184.216.34"])
        form = {"host": "files.example.com", "why": "exports <b>"}
        done = admin.post("/connections/crm/hosts", form, follow_redirects=True).text
        assert "files.example.com may be called now." in done
        assert "exports &lt;b&gt;" in done
        gone = admin.post(
            "/connections/crm/hosts/remove", {"host": "files.example.com"}, follow_redirects=True
        )
        assert "It may not be called any more." in gone.text
        assert events(desk)[-2:] == ["connection.host_added", "connection.host_removed"]


class TestOutbox:
    @pytest.fixture(autouse=True)
    def letters(self, desk: Desk, shop: Connection) -> None:
        causes = (
            "PermissionDenied: a",
            "PermissionDenied: b for ana@example.com",
            "NotFound: no such customer",
        )
        for number, cause in enumerate(causes, start=1):
            write_back(desk, shop, number, state="dead", at=desk.clock.now(), cause=cause)

    def states(self, desk: Desk) -> list[str]:
        with desk.database.reading() as session:
            return list(session.scalars(select(OutboxEntry.state).order_by(OutboxEntry.id)))

    def test_dead_letters_are_grouped_and_replayed_by_cause(self, admin: Visitor, desk: Desk) -> None:
        page = admin.get("/outbox?state=dead").text
        assert "2 × PermissionDenied" in page
        assert "1 × NotFound" in page
        admin.post("/outbox/replay", {"connection": "shop", "cause": "PermissionDenied"})
        assert self.states(desk) == ["waiting", "waiting", "dead"]
        assert admin.post("/outbox/replay", {"connection": "none"}).status_code == 404

    def test_an_entry_is_shown_replayed_and_cancelled(self, admin: Visitor, desk: Desk) -> None:
        page = admin.get("/outbox/2").text
        assert "PermissionDenied: b for [hidden]" in page
        assert "ana@example.com" not in page
        assert 'href="/log?id=k2"' in page
        switches.switch_off(desk, Switch.WRITES, reason="stop")
        assert admin.post("/outbox/2/replay", {"from": "entry"}).location == "/outbox/2"
        assert "and waits: writes are switched off" in admin.get("/outbox/2").text
        assert "Replay" not in admin.get("/outbox/2").text
        done = admin.post("/outbox/2/cancel", follow_redirects=True).text
        assert "Cancelled: the CRM is never told." in done
        assert self.states(desk)[1] == "cancelled"
        assert "It was not cancelled" in admin.post("/outbox/2/cancel", follow_redirects=True).text
        assert admin.post("/outbox/99/cancel").status_code == 404
        assert admin.get("/outbox/99").status_code == 404
        assert admin.get(f"/outbox/{'9' * 30}").status_code == 404

    def test_the_log_finds_it_by_its_key(self, admin: Visitor) -> None:
        page = admin.get("/log?id=k2").text
        for word in ("decided", "outcome: offered", "queued for the CRM: note", 'href="/outbox/2"'):
            assert word in page
        assert "No id yet" in admin.get("/log").text
        assert "Nothing is stored under this id" in admin.get("/log?id=<b>nobody</b>").text


class TestSwitches:
    def test_turning_one_asks_why_and_tells_everybody(self, app: Flask, admin: Visitor, desk: Desk) -> None:
        agent = arrive(app, desk, Role.AGENT)
        assert (
            "Nothing was switched: say why"
            in admin.post("/switches/writes/off", {"why": " "}, follow_redirects=True).text
        )
        assert desk.switches.current() == {}
        admin.post("/switches/writes/off", {"why": "wrong <b>notes</b>"})
        for visitor in (admin, agent):
            for path in ("/", "/personas", "/account", "/nowhere"):
                page = visitor.get(path).text
                assert "Writes to CRMs are switched off" in page, path
                assert "wrong &lt;b&gt;notes&lt;/b&gt;" in page
                assert ('href="/switches"' in page) == (visitor is admin)
        admin.post("/switches/writes/on")
        assert "are switched off" not in agent.get("/").text
        assert events(desk)[-2:] == ["switch.off", "switch.on"]

    @pytest.mark.parametrize("role", [Role.LEAD, Role.OPS_APPROVER])
    def test_leads_and_approvers_turn_suggestions_only(self, app: Flask, desk: Desk, role: Role) -> None:
        visitor = arrive(app, desk, role)
        for switch in ("writes", "everything"):
            for way in ("off", "on"):
                assert visitor.post(f"/switches/{switch}/{way}", {"why": "x"}).status_code == 403
        assert visitor.post("/switches/suggestions/off", {"why": "odd"}).status_code == 302
        assert desk.switches.find(Switch.SUGGESTIONS)
        assert visitor.post("/switches/suggestions/on").status_code == 302
        assert desk.switches.current() == {}
        assert visitor.post("/switches/nothing/off", {"why": "x"}).status_code == 404

    def test_who_signs_in_while_everything_is_off_still_gets_in(self, app: Flask, desk: Desk) -> None:
        switches.switch_off(desk, Switch.EVERYTHING, reason="stop")
        visitor = Visitor(app.test_client())
        assert "Everything is switched off" not in visitor.get("/sign-in").text
        visitor.sign_in(add(desk, Role.CRM_ADMIN))
        assert "Everything is switched off" in visitor.get("/").text


class TestSidebar:
    @pytest.fixture
    def ask(self, app: Flask, desk: Desk, admin: Visitor) -> Any:
        started: Any = admin.client.post("/sidebar/session", headers=OURS, json={}).json
        headers = {"Authorization": f"Bearer {started['token']}", "Accept-Language": "en"}
        return lambda path, **body: admin.client.post(f"/sidebar/{path}", json=body, headers=headers)

    def test_with_suggestions_off_the_card_stays_and_the_list_says_whom_to_ask(
        self, ask: Any, admin: Visitor, shop: Connection
    ) -> None:
        admin.post("/switches/suggestions/off", {"why": "odd <b>offers</b>"})
        assert ask("card", customer=1, context="c").json["state"] == "match"
        answer = ask("suggestions", customer=1, context="c").json
        assert answer["decision"] is None
        assert "Suggestions are switched off" in answer["html"]
        assert "Ana Sol switched it off: odd &lt;b&gt;offers&lt;/b&gt; – ask them" in answer["html"]
        assert "switched off" in ask("why-not", customer=1, context="c", product="Case").json["html"]

    def test_with_writes_off_the_foot_says_that_they_wait(
        self, ask: Any, admin: Visitor, shop: Connection, desk: Desk
    ) -> None:
        write_back(desk, shop, 1, state="waiting", at=desk.clock.now())
        admin.post("/switches/writes/off", {"why": "wrong notes"})
        assert "CRM: writes are switched off · 1 waits" in ask("card", customer=1, context="c").json["html"]
        assert 'data-waiting="0"' in ask("state", customer=1, suggestions=[]).json["html"]

    def test_with_everything_off_it_says_who_and_why(
        self, ask: Any, admin: Visitor, shop: Connection
    ) -> None:
        admin.post("/switches/everything/off", {"why": "broken into"})
        answer = ask("card", customer=1, context="c")
        assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
        assert answer.headers["Retry-After"] == "60"
        assert answer.json["switched_off"] is True
        assert answer.json["detail"] == "Ana Sol switched it off: broken into – ask them when it comes back."
        assert admin.client.post("/sidebar/session", headers=OURS, json={}).status_code == 503
        assert admin.get("/sidebar/").status_code == 200, "the page is there to say it"
        admin.post("/switches/everything/on")
        assert ask("card", customer=1, context="c").status_code == 200

    def test_strangers_learn_nothing_of_it(self, app: Flask, desk: Desk) -> None:
        switches.switch_off(desk, Switch.EVERYTHING, reason="broken into")
        stranger = app.test_client()
        answers = [
            stranger.post("/sidebar/card", json={}),
            stranger.post("/sidebar/session", json={}, headers=OURS),
            stranger.get("/api/v1/connections"),
        ]
        assert [answer.status_code for answer in answers] == [401, 401, 401]
        assert all("broken into" not in answer.text for answer in answers)
