"""What load balancers and Prometheus are told, and who may read the numbers."""

from dataclasses import replace

from flask import Flask
from sqlalchemy import text

from assist.app import create_app
from assist.config import Config
from assist.models.connection import Connection, SyncState
from assist.services.desk import Desk
from tests.assist.web.visitors import Visitor


def test_alive_even_without_a_database(desk: Desk, stranger: Visitor) -> None:
    desk.database.engine.dispose()
    assert stranger.get("/health/live").json == {"status": "ok"}


def test_ready_only_with_the_tables_of_this_version(desk: Desk, stranger: Visitor) -> None:
    assert stranger.get("/health/ready").status_code == 200
    with desk.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    behind = stranger.get("/health/ready")
    assert behind.status_code == 503
    assert behind.json
    assert behind.json["checks"] == {"database": "ok", "schema": "run `assist db upgrade`"}


def test_the_numbers_are_for_this_machine_or_a_token(config: Config, desk: Desk, stranger: Visitor) -> None:
    away = {"REMOTE_ADDR": "192.0.2.7"}
    assert stranger.get("/metrics").status_code == 200
    assert stranger.get("/metrics", environ_base=away).status_code == 404
    assert stranger.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404
    config = replace(config, metrics_token="a token of some length")
    client = create_app(config, desk=replace(desk, config=config)).test_client()
    for token, status in (("a token of some length", 200), ("another", 404), ("", 404)):
        answer = client.get("/metrics", environ_base=away, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


def test_the_numbers_tell_of_requests_and_syncs_but_of_no_address(app: Flask, desk: Desk) -> None:
    now = desk.clock.now()
    with desk.database.writing() as session:
        connection = Connection(name="shop", adapter="sample", settings={}, created_at=now)
        session.add(connection)
        session.flush()
        session.add(SyncState(connection_id=connection.id, kind="orders", error="Unavailable: x"))
    client = app.test_client()
    client.get("/personas/secret-name")
    numbers = client.get("/metrics").text
    assert 'assist_requests_total{method="GET",route="/personas/<key>",status="3xx"}' in numbers
    assert "secret-name" not in numbers
    assert 'assist_sync_failing{of="shop"} 1.0' in numbers
    assert 'assist_sync_age_seconds{of="shop"}' not in numbers  # never synced: no number, not zero
    assert 'assist_outbox_entries{of="dead"} 0.0' in numbers
