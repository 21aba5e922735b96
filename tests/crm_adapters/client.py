"""A client with a token and a watch of our own, so that no test waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crm_adapters.http import ApiClient, Limits, Timing, Translate

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LIMITS = Limits(connect=5, read=0.3, attempts=3, bytes=1000)


@dataclass(slots=True)
class Token:
    tokens: list[str] = field(default_factory=lambda: ["old"])

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.tokens[0]}"}

    def refresh(self) -> bool:
        if len(self.tokens) == 1:
            return False
        self.tokens.pop(0)
        return True


@dataclass(slots=True)
class Watch:
    now: datetime = NOW
    slept: list[float] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


def make_client(
    url: str,
    watch: Watch,
    *,
    auth: Token | None = None,
    limits: Limits = LIMITS,
    translate: Translate = lambda _: None,
) -> ApiClient:
    return ApiClient(
        url,
        auth=auth or Token(),
        timing=Timing(watch.clock, watch.sleep),
        limits=limits,
        translate=translate,
        headers={"X-Correlation-Id": "click-1"},
    )
