from pathlib import Path

import pytest

from crm_adapters import registry
from tests.assist.cli.conftest import Run

PUBLIC = {"ASSIST_PUBLIC_URL": "https://assist.example.com"}
ODOO = ("url=https://odoo.example.com", "database=d", "key=k", "webhook_secret=odoo-secret")


def add(run: Run, adapter: str, *pairs: str) -> None:
    options = [part for pair in pairs for part in ("--set", pair)]
    run("db", "upgrade")
    run("crm", "add", "shop", "--adapter", adapter, *options)


def test_the_address_stays_until_it_is_rotated(run: Run) -> None:
    add(run, "hubspot", "token=t", "webhook_secret=s")
    shown = run("crm", "webhook", "shop", env=PUBLIC).output
    url = shown.splitlines()[0]
    assert url.startswith("https://assist.example.com/webhooks/")
    assert len(url.rpartition("/")[2]) >= 32
    assert run("crm", "webhook", "shop", env=PUBLIC).output == shown
    rotated = run("crm", "webhook", "shop", "--rotate", env=PUBLIC).output
    assert url not in rotated
    assert "former address is closed" in rotated
    assert url not in run("crm", "webhook", "shop", env=PUBLIC).output


def test_what_the_vendor_needs_is_told(run: Run) -> None:
    add(run, "hubspot", "token=t", "webhook_secret=s")
    told = run("crm", "webhook", "shop", env=PUBLIC)
    assert "contact, deal, product and line_item" in told.output
    assert "the app's client secret: the connection's setting webhook_secret or client_secret" in told.output
    assert told.stderr == ""


def test_without_a_secret_it_says_that_everything_is_refused(run: Run) -> None:
    add(run, "woocommerce", "url=https://shop.example.com", "consumer_key=k", "consumer_secret=s")
    told = run("crm", "webhook", "shop")
    assert "webhook_secret has no value yet, so that everything is refused" in told.stderr
    assert "set ASSIST_PUBLIC_URL" in told.stderr


def test_an_address_that_carries_its_proof_says_so(run: Run) -> None:
    add(run, "odoo", *ODOO)
    told = run("crm", "webhook", "shop", env=PUBLIC).output
    assert told.splitlines()[0].endswith("?secret=SECRET")
    assert "odoo-secret" not in told


def test_a_crm_that_does_not_call_is_refused(run: Run, tmp_path: Path) -> None:
    add(run, "sample", f"path={tmp_path / 'shop.sqlite'}")
    refused = run("crm", "webhook", "shop", expect=1)
    assert "sample sends no webhooks as shop is set up" in refused.stderr


@pytest.mark.parametrize("name", registry.available())
def test_what_proves_who_calls_is_a_secret_of_the_adapter(name: str) -> None:
    adapter = registry.load(name)
    if adapter.capabilities.webhooks:
        assert set(adapter.webhook_setup.settings) <= adapter.secret_names()
