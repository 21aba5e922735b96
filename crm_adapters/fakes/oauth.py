"""A token endpoint as CRMs have it: tokens that end, and refresh tokens that may be good for one use only."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

Answer = tuple[int, dict[str, object]]


@dataclass(slots=True)
class TokenEndpoint:
    """`answer` takes the form of RFC 6749; a vendor's own words and extra facts are put around it."""

    now: Callable[[], datetime]
    client_id: str = "app-Qzx7"
    client_secret: str = "app-secret-Qzx7"  # noqa: S105 - of a fake
    lifetime: timedelta = timedelta(minutes=30)
    rotates: bool = False
    """Each refresh token is good once, and using it gives the next."""
    refresh_tokens: set[str] = field(default_factory=lambda: {"refresh-Qzx7-0"})
    codes: dict[str, str] = field(default_factory=dict)
    """Authorisation codes → the S256 challenge they were asked for with."""
    issued: int = 0
    _ends: dict[str, datetime] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def accepts(self, token: str) -> bool:
        return token in self._ends and self.now() < self._ends[token]

    def expire(self) -> None:
        """All access tokens, at once."""
        self._ends.clear()

    def answer(self, form: Mapping[str, str]) -> Answer:
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return 401, {"error": "invalid_client"}
        match form.get("grant_type"):
            case "client_credentials":
                return 200, self._issue()
            case "authorization_code" if self.codes.pop(form.get("code", ""), None) is not None:
                return 200, self._issue() | {"refresh_token": self._new_refresh()}
            case "refresh_token" if form.get("refresh_token") in self.refresh_tokens:
                return 200, self._issue() | self._rotated(form["refresh_token"])
            case "authorization_code" | "refresh_token":
                return 400, {"error": "invalid_grant"}
        return 400, {"error": "unsupported_grant_type"}

    def _issue(self) -> dict[str, object]:
        self.issued += 1
        token = f"access-Qzx7-{next(self._numbers)}"
        self._ends[token] = self.now() + self.lifetime
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(self.lifetime.total_seconds()),
        }

    def _rotated(self, used: str) -> dict[str, object]:
        if not self.rotates:
            return {}
        self.refresh_tokens.discard(used)
        return {"refresh_token": self._new_refresh()}

    def _new_refresh(self) -> str:
        token = f"refresh-Qzx7-{next(self._numbers)}"
        self.refresh_tokens.add(token)
        return token
