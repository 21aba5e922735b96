"""Settings: read once, refused by name."""

from pathlib import Path

import pytest

from assist.config import BadConfig, Config, load_config

BAD = [
    ("PORT", "http"),
    ("PORT", "70000"),
    ("WEB_WORKERS", "0"),
    ("UNDO_SECONDS", "-1"),
    ("LIVE_DEADLINE_SECONDS", "0"),
    ("DELIVERY_LEASE_SECONDS", "soon"),
    ("DELIVERY_ATTEMPTS", "0"),
    ("SYNC_MINUTES", "0"),
    ("DEFAULT_COUNTRY", "ESP"),
    ("DATABASE_URL", "mysql://root@localhost/assist"),
    ("JOBS_URL", "amqp://localhost"),
    ("PUBLIC_URL", "assist.example.com"),
    ("SECRET_KEY", "short"),
    ("VAULT_KEYS", "not-a-key"),
    ("LOG_FORMAT", "xml"),
    ("ASSUMED_MARGIN", "30"),
    ("CRM_PRIVATE_HOSTS", "https://odoo.lan"),
    ("CRM_PRIVATE_HOSTS", "10.0.0.0/8"),
    ("CRM_PRIVATE_HOSTS", "odoo.lan,"),
    ("CRM_PROXY", "proxy:3128"),
    ("CRM_CA_FILE", "no-such-file.pem"),
    ("CRM_CA_FILE", "pyproject.toml"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"ASSIST_{name}", value)
    with pytest.raises(BadConfig, match=f"ASSIST_{name}"):
        load_config()


def test_without_any_variable_everything_lives_in_one_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    config = load_config()
    assert config.data_dir == tmp_path / "data"
    assert config.database_url == f"sqlite:///{tmp_path}/data/assist.sqlite"
    assert config.public_url == "http://127.0.0.1:8000"


def test_values_are_brought_into_one_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSIST_DEFAULT_COUNTRY", "br")
    monkeypatch.setenv("ASSIST_PUBLIC_URL", "https://assist.example.com/")
    monkeypatch.setenv("ASSIST_CRM_PRIVATE_HOSTS", "odoo.lan, 10.1.2.3")
    config = load_config()
    assert (config.default_country, config.public_url) == ("BR", "https://assist.example.com")
    assert config.crm_private_hosts == {"odoo.lan", "10.1.2.3"}


def test_no_secret_shows_where_a_config_is_printed(tmp_path: Path) -> None:
    config = Config(
        data_dir=tmp_path,
        database_url="postgresql://root:hidden@db/assist",
        jobs_url="redis://:hidden@jobs",
        crm_proxy="http://me:hidden@proxy",
        public_url="http://localhost",
        secret_key="hidden",
        vault_keys=("hidden",),
        metrics_token="hidden",
    )
    assert "hidden" not in repr(config)
