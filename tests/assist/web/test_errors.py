"""What people and programs read when something is wrong."""

from flask import Flask
from sqlalchemy import text

from assist.models.account import Role
from assist.services.desk import Desk
from tests.assist.web.visitors import Visitor, arrive


def broken(app: Flask) -> Flask:
    """The same application with a page that fails, as in production: errors are shown, not raised."""
    app.add_url_rule("/broken", view_func=_fail)
    app.add_url_rule("/sidebar/broken", view_func=_fail, methods=["GET"], endpoint="broken_sidebar")
    return app


def _fail() -> str:
    raise RuntimeError("ana@example.com is in this message")


def test_a_missing_page_says_so_and_offers_one_way_on(app: Flask, desk: Desk) -> None:
    page = arrive(app, desk).get("/nowhere")
    assert page.status_code == 404
    assert "There is no such page" in page.text
    assert page.text.count('class="button"') == 1
    assert page.headers["X-Request-Id"] in page.text


def test_a_page_for_other_roles_names_them(app: Flask, desk: Desk) -> None:
    page = arrive(app, desk, Role.AGENT).get("/outbox")
    assert page.status_code == 403
    assert "team lead, CRM admin, and auditor" in page.text


def test_a_fault_shows_neither_its_trace_nor_its_message(app: Flask) -> None:
    page = broken(app).test_client().get("/broken")
    assert page.status_code == 500
    assert "Something went wrong here" in page.text
    assert "RuntimeError" not in page.text
    assert "ana@example.com" not in page.text
    assert page.headers["X-Request-Id"] in page.text


def test_programs_get_problem_json(app: Flask) -> None:
    client = broken(app).test_client()
    for path, status in (("/sidebar/nowhere", 404), ("/sidebar/broken", 500), ("/api/v1/x", 404)):
        answer = client.get(path)
        assert answer.content_type == "application/problem+json"
        assert answer.json
        assert answer.json["status"] == answer.status_code == status
        assert "ana@example.com" not in answer.text


def test_a_lost_database_still_leaves_a_page(app: Flask, desk: Desk) -> None:
    visitor = arrive(app, desk)
    with desk.database.writing() as session:
        session.execute(text("DROP TABLE login_session"))
    page = visitor.get("/")
    assert page.status_code == 500
    assert "Something went wrong here" in page.text


def test_errors_speak_the_readers_language(stranger: Visitor) -> None:
    page = stranger.get("/nowhere", headers={"Accept-Language": "pt-BR,pt;q=0.9"})
    assert "Essa página não existe" in page.text
    assert 'lang="pt-BR"' in page.text
