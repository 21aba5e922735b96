from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assist.web import assets


@pytest.fixture
def app() -> Flask:
    app = Flask("test", static_folder=None)
    assets.init_app(app)
    app.add_url_rule("/url/<path:name>", "url", assets.asset_url)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _write(root: Path, body: str) -> assets.Assets:
    (root / "sidebar").mkdir(exist_ok=True)
    (root / "console").mkdir(exist_ok=True)
    (root / "sidebar" / "main.js").write_text(body)
    (root / "console" / "main.css").write_text("a{}")
    return assets.read_assets(root)


def test_a_changed_file_changes_its_folders_version_only(tmp_path: Path) -> None:
    before = _write(tmp_path, "one()")
    after = _write(tmp_path, "two()")
    assert before.versions["sidebar"] != after.versions["sidebar"]
    assert before.versions["console"] == after.versions["console"]


def test_the_current_version_may_be_kept_and_is_compressed(client: FlaskClient) -> None:
    url = client.get("/url/sidebar/theme.js").text
    packed = client.get(url, headers={"Accept-Encoding": "gzip"})
    plain = client.get(url)
    assert "immutable" in packed.headers["Cache-Control"]
    assert packed.content_type.startswith("text/javascript")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert len(packed.data) < len(plain.data)


def test_an_old_version_is_served_but_not_kept(client: FlaskClient) -> None:
    answer = client.get("/assets/000000000000/sidebar/theme.js")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["sidebar/none.js", "../web/assets.py", "sidebar/../../config.py"])
def test_what_is_not_an_asset_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/assets/0/{name}").status_code == 404
