"""All settings, read from the environment once; nothing else in the project looks there."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet
from environs import Env, EnvError
from marshmallow import ValidationError, validate


class BadConfig(Exception):  # noqa: N818 - named for what it says to the person who reads it
    """A setting cannot be used; the message names it and the remedy."""


POSITIVE = validate.Range(0, min_inclusive=False)


@dataclass(frozen=True, slots=True)
class Config:
    data_dir: Path
    """Where the embedded database, keys, models and the sample CRM live."""
    database_url: str = field(repr=False)
    jobs_url: str = field(repr=False)
    """`sqlite:///…`, `redis://…` or `postgresql://…`: where background jobs wait."""
    public_url: str
    """How people reach us; cookies are marked Secure where it is https."""
    host: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 2
    trusted_proxies: int = 0
    """Reverse proxies in front of us, whose word on a request's address and scheme is taken."""
    default_country: str | None = None
    """ISO 3166-1 alpha-2: how phone numbers without a country code are read."""
    undo_seconds: int = 10
    live_deadline_seconds: float = 2.0
    delivery_lease_seconds: float = 30.0
    """A delivery that has not finished by then is taken for dead, and tried again under the same key."""
    delivery_attempts: int = 8
    sync_minutes: int = 15
    session_hours: int = 12
    """Console sessions end after this long without use."""
    token_minutes: int = 15
    assumed_margin: float = 0.3
    """Contribution margin assumed for products whose cost is unknown."""
    secret_key: str | None = field(default=None, repr=False)
    """Signs sessions and tokens; None reads `keys.json` in the data directory."""
    vault_keys: tuple[str, ...] = field(default=(), repr=False)
    """Fernet keys, newest first; empty reads `keys.json` in the data directory."""
    crm_private_hosts: frozenset[str] = frozenset()
    """Names or addresses of CRMs in private networks, as in their connections' URLs; no other private address
    is ever called."""
    crm_proxy: str | None = field(default=None, repr=False)
    """By which CRMs on public hosts are called."""
    crm_ca_file: Path | None = None
    """PEM certificates to trust for CRMs, beside the well-known ones."""
    log_format: str = "console"
    """`console` or `json`."""
    metrics_token: str | None = field(default=None, repr=False)
    """Bearer token for `/metrics` from elsewhere; this machine needs none."""

    @property
    def models_dir(self) -> Path:
        return self.data_dir / "models"

    @property
    def unfinished_dir(self) -> Path:
        """What trainings that were killed had done. Beside the models, for a backup has no use for it."""
        return self.data_dir / "unfinished"


def load_config() -> Config:
    """Settings from ASSIST_… variables. Raises BadConfig."""
    env = Env(prefix="ASSIST_")
    try:
        return _read(env)
    except EnvError as error:
        raise BadConfig(f"{error} Set it anew, or unset it to use the default.") from error


def _read(env: Env) -> Config:
    data_dir = Path(env.str("DATA_DIR", "data")).expanduser().resolve()
    port = env.int("PORT", 8000, validate=validate.Range(0, 65_535))
    host = env.str("HOST", "127.0.0.1")
    return Config(
        data_dir=data_dir,
        database_url=env.str(
            "DATABASE_URL",
            f"sqlite:///{data_dir / 'assist.sqlite'}",
            validate=_begins("sqlite", "postgresql"),
        ),
        jobs_url=env.str(
            "JOBS_URL",
            f"sqlite:///{data_dir / 'jobs.sqlite'}",
            validate=_begins("sqlite", "redis", "rediss", "postgresql"),
        ),
        public_url=env.str("PUBLIC_URL", f"http://{host}:{port}", validate=_begins("http", "https")).rstrip(
            "/"
        ),
        host=host,
        port=port,
        web_workers=env.int("WEB_WORKERS", 2, validate=validate.Range(1, 256)),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0, validate=validate.Range(0, 8)),
        default_country=_read_country(env),
        undo_seconds=env.int("UNDO_SECONDS", 10, validate=validate.Range(0, 3_600)),
        live_deadline_seconds=env.float("LIVE_DEADLINE_SECONDS", 2.0, validate=POSITIVE),
        delivery_lease_seconds=env.float("DELIVERY_LEASE_SECONDS", 30.0, validate=POSITIVE),
        delivery_attempts=env.int("DELIVERY_ATTEMPTS", 8, validate=validate.Range(1)),
        sync_minutes=env.int("SYNC_MINUTES", 15, validate=validate.Range(1)),
        session_hours=env.int("SESSION_HOURS", 12, validate=validate.Range(1)),
        token_minutes=env.int("TOKEN_MINUTES", 15, validate=validate.Range(1)),
        assumed_margin=env.float("ASSUMED_MARGIN", 0.3, validate=validate.Range(0, 1)),
        secret_key=env.str("SECRET_KEY", None, validate=_unless_none(validate.Length(min=16))),
        vault_keys=_read_vault_keys(env),
        crm_private_hosts=_read_hosts(env),
        crm_proxy=env.str("CRM_PROXY", None, validate=_unless_none(_begins("http", "https"))),
        crm_ca_file=env.path("CRM_CA_FILE", None, validate=_check_certificates),
        log_format=env.str("LOG_FORMAT", "console", validate=validate.OneOf(["console", "json"])),
        metrics_token=env.str("METRICS_TOKEN", None),
    )


def _begins(*schemes: str) -> Callable[[str], None]:
    def check(url: str) -> None:
        if url.partition("://")[0] not in schemes:
            raise ValidationError(f"It begins with {', '.join(f'{scheme}://' for scheme in schemes)}.")

    return check


def _read_hosts(env: Env) -> frozenset[str]:
    hosts: list[str] = env.list("CRM_PRIVATE_HOSTS", [], validate=_check_hosts)
    return frozenset(host.strip() for host in hosts)


def _check_hosts(hosts: list[str]) -> None:
    if any(not host.strip() or "/" in host for host in hosts):
        raise ValidationError("It holds names or addresses with commas between, neither URLs nor networks.")


def _check_certificates(file: Path | None) -> None:
    try:
        if file:
            ssl.create_default_context(cafile=file)
    except OSError:
        raise ValidationError("It names a file of certificates in PEM.") from None


def _unless_none(check: Callable[[str], object]) -> Callable[[str | None], None]:
    def checked(text: str | None) -> None:
        if text is not None:
            check(text)

    return checked


def _read_country(env: Env) -> str | None:
    country = env.str("DEFAULT_COUNTRY", None, validate=_unless_none(validate.Regexp(r"[A-Za-z]{2}\Z")))
    return country and country.upper()


def _read_vault_keys(env: Env) -> tuple[str, ...]:
    """Fernet's own check; its message would hold nothing of the key either."""
    keys: list[str] = env.list("VAULT_KEYS", [], validate=_check_vault_keys)
    return tuple(key.strip() for key in keys)


def _check_vault_keys(keys: list[str]) -> None:
    for key in keys:
        try:
            Fernet(key.strip())
        except ValueError:
            raise ValidationError("A key is 32 bytes in URL-safe base64.") from None
