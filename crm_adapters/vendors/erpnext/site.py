"""What is the same for everything on a site, asked once a day: its time zone, and whose key we have.

Frappe writes moments without a zone, in that of the site. System Settings hold it and are for administrators; a
method that anybody may call tells it too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_adapters.auth import TokenAuth
from crm_adapters.errors import ValidationFailed
from crm_adapters.http import ApiClient, Call
from crm_adapters.tokens import Token
from crm_adapters.transport import Transport

KEPT = timedelta(days=1)
STAMP = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class LocalTime:
    zone: ZoneInfo

    def read(self, value: Any) -> datetime | None:
        """In UTC. Of the hour that comes twice when clocks go back the first is meant: nothing tells."""
        try:
            found = datetime.fromisoformat(str(value or ""))
        except ValueError:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=self.zone)).astimezone(UTC)

    def read_parts(self, day: Any, clock: Any) -> datetime | None:
        """A time before ten has one digit for the hour."""
        return self.read(f"{day} {str(clock).partition('.')[0].zfill(8)}" if clock else day)

    def show_earliest(self, moment: datetime) -> str:
        """The earliest that is written from this moment on: when clocks go back, less than the moment itself."""
        here = [(moment + later).astimezone(self.zone).utcoffset() for later in (timedelta(0), KEPT)]
        least = min(offset for offset in here if offset is not None)
        return (moment.astimezone(UTC) + least).strftime(STAMP)

    def day_of(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).date().isoformat()


def start_of_day(day: str) -> datetime | None:
    """Of a date that is no moment: it stays that date in UTC."""
    try:
        return datetime.combine(datetime.fromisoformat(day).date(), time(), UTC)
    except ValueError:
        return None


class Site:
    def __init__(self, client: ApiClient, settings: Mapping[str, Any], transport: Transport) -> None:
        self._client = client
        self._own_zone = str(settings["time_zone"])
        account = [settings["url"], settings["api_key"], settings["api_secret"], self._own_zone]
        self._fingerprint = sha256("\n".join(account).encode()).hexdigest()
        self._clock = transport.timing.clock
        self._auth = TokenAuth(self._look, transport)

    @property
    def time(self) -> LocalTime:
        return LocalTime(find_zone(self._facts["time_zone"]))

    @property
    def user(self) -> str:
        """The user's name, which is an e-mail address but for Administrator."""
        return self._facts["user"]

    def now(self) -> datetime:
        return self._clock()

    @property
    def _facts(self) -> Mapping[str, str]:
        token = self._auth.token()
        if token.access != self._fingerprint:
            self._auth.refresh()
            token = self._auth.token()
        return token.facts

    def _look(self, _old: Token | None) -> Token:
        zone = self._own_zone or self.ask_zone()
        facts = {"time_zone": find_zone(zone).key, "user": self.ask_user()}
        return Token(self._fingerprint, expires_at=self._clock() + KEPT, facts=facts)

    def ask_zone(self) -> str:
        found = self._ask("frappe.client.get_time_zone")
        return str((found.get("time_zone") if isinstance(found, dict) else found) or "")

    def ask_user(self) -> str:
        return str(self._ask("frappe.auth.get_logged_user") or "")

    def _ask(self, method: str) -> Any:
        call = Call("GET", f"api/method/{method}", repeatable=True)
        found = self._client.run(call).json()
        return found.get("message") if isinstance(found, dict) else None


def find_zone(name: str) -> ZoneInfo:
    """Raises ValidationFailed where there is none: an hour wrong would be worse."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        pass
    raise ValidationFailed(
        "the site does not tell a time zone that is known here: enter it in the setting time_zone, as Europe/Berlin",
        fields={"time_zone": "needed"},
    )
