"""Secrets: readable with any of the keys, sealed with the newest, and never with a wrong one."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from assist.vault import Vault, VaultError, ensure_keys

SECRETS = {"token": "s3cret", "name": "Zoë"}


def key() -> str:
    return Fernet.generate_key().decode()


def test_what_is_sealed_can_be_opened_and_not_read() -> None:
    vault = Vault([key()])
    sealed = vault.seal(SECRETS)
    assert vault.open(sealed) == SECRETS
    assert b"s3cret" not in sealed
    assert vault.open(None) == {}


def test_a_new_key_first_keeps_old_secrets_readable_and_a_resealed_one_outlives_the_old_key() -> None:
    old, new = key(), key()
    sealed = Vault([old]).seal(SECRETS)
    both = Vault([new, old])
    assert both.open(sealed) == SECRETS
    assert Vault([new]).open(both.reseal(sealed)) == SECRETS
    assert Vault([new]).open(both.seal(SECRETS)) == SECRETS


def test_a_wrong_key_is_an_error_that_says_what_to_do_and_no_secret() -> None:
    sealed = Vault([key()]).seal(SECRETS)
    for use in (Vault([key()]).open, Vault([key()]).reseal):
        with pytest.raises(VaultError, match="put that key back") as refused:
            use(sealed)
        assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("keys", [[], ["short"], [Fernet.generate_key().decode()[:-1]]])
def test_what_is_no_key_is_refused(keys: list[str]) -> None:
    with pytest.raises(VaultError):
        Vault(keys)


def test_keys_are_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "keys.json"
    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(ensure_keys, [path] * 8))
    assert len(made) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]
    assert Vault(made.pop().vault_keys).seal({})


@pytest.mark.parametrize("damage", ["", "{", "[]", json.dumps({"secret_key": "x"})])
def test_damaged_keys_are_not_replaced_by_new_ones(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(damage)
    with pytest.raises(VaultError, match="backup"):
        ensure_keys(path)
    assert path.read_text() == damage
