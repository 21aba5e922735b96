"""A client with a token and a watch of our own, so that no test waits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_adapters.auth import Auth
from crm_adapters.http import ApiClient, Translate
from crm_adapters.limiter import Pace
from crm_adapters.testing import Watch, local_transport
from crm_adapters.transport import Limits, Purpose

LIMITS = Limits(connect=5, read=0.3, attempts=3, bytes=1000)
FREE = Pace()


@dataclass(slots=True)
class Token(Auth):
    tokens: list[str] = field(default_factory=lambda: ["old"])

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.tokens[0]}"}

    def refresh(self) -> bool:
        if len(self.tokens) == 1:
            return False
        self.tokens.pop(0)
        return True


def make_client(
    url: str,
    watch: Watch,
    *,
    auth: Auth | None = None,
    pace: Pace = FREE,
    translate: Translate = lambda _: None,
    **more: Any,
) -> ApiClient:
    """`more`: `limits`, and other fields of the transport."""
    patience = dict.fromkeys(Purpose, more.pop("limits", LIMITS))
    transport = local_transport(watch, patience=patience, **({"correlation_id": "click-1"} | more))
    return ApiClient(url, auth=auth or Token(), transport=transport, translate=translate, pace=pace)
