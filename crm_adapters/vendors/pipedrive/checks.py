"""The check of a connection to Pipedrive, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from crm_adapters.answers import Answer
from crm_adapters.errors import PermissionDenied
from crm_adapters.findings import judge_clock, try_step
from crm_adapters.model import Finding
from crm_adapters.transport import Clock
from crm_adapters.vendors.pipedrive.api import V1, V2, Api

READS = {
    f"{V2}/persons": "contacts:read",
    f"{V2}/organizations": "contacts:read",
    f"{V2}/deals": "deals:read",
    f"{V2}/products": "products:read",
    f"{V1}/personFields": "contacts:read",
    f"{V1}/notes": "contacts:read",
}
SEARCH_SCOPE = "search:read"
SCOPES = ("contacts:full", "deals:full", "products:read", "search:read", "users:read")
GRANTED_BY = "an admin of the Pipedrive company, under Company settings › Users › Permission sets"


@dataclass(frozen=True, slots=True)
class Checks:
    api: Api
    clock: Clock
    writes: bool

    def run(self) -> tuple[Finding, ...]:
        """Nothing more is tried where we are not let in."""
        answers: list[Answer] = []
        account = try_step("account", lambda: self._sign_in(answers), granted_by=GRANTED_BY)
        if not answers:
            return (account,)
        clock = judge_clock(answers[0].headers, self.clock())
        return (account, clock, *self._reads(), *self._writing(), _quota(answers[0]))

    def _sign_in(self, answers: list[Answer]) -> str:
        user, answer = self.api.ask(f"{V1}/users/me")
        answers.append(answer)
        currency = user.get("default_currency", "?") if isinstance(user, dict) else "?"
        return f"Signed in; amounts are usually in {currency}."

    def _reads(self) -> Iterator[Finding]:
        for path, scope in READS.items():
            name = f"read {path.rpartition('/')[2]}"
            yield try_step(name, partial(self._read, path, scope), granted_by=GRANTED_BY)
        yield try_step("search", self._search, granted_by=GRANTED_BY)

    def _read(self, path: str, scope: str) -> str:
        try:
            found, _ = self.api.ask(path, {"limit": "1"})
        except PermissionDenied as error:
            raise PermissionDenied(str(error), scope=scope) from None
        return "Can be read." if found else "Can be read; there are none."

    def _search(self) -> str:
        try:
            self.api.search("persons", {"term": "assist", "fields": "email", "exact_match": "true"})
        except PermissionDenied as error:
            raise PermissionDenied(str(error), scope=SEARCH_SCOPE) from None
        return "Can be searched."

    def _writing(self) -> tuple[Finding, ...]:
        """Pipedrive tells nobody what a token may do."""
        if not self.writes:
            return ()
        told = (
            "Whether notes and lines may be written shows with the first one: contacts:full and deals:full."
        )
        return (Finding("writing", ok=True, message=told),)


def _quota(answer: Answer) -> Finding:
    left = answer.headers.get("X-Daily-RateLimit-Token-Remaining")
    told = (
        f"{left} tokens are left today, for the whole company." if left else "Pipedrive tells no daily quota."
    )
    return Finding("quota", ok=True, message=told, warning=left == "0")
