"""An agent at the sidebar, over HTTP: looks customers up, acts on suggestions, undoes some of it.

The agent keeps a ledger. What the server acknowledged must be in the CRM once, what it undid never; what it
did not answer is sent again, under the same id, when the server is back.
"""

import random
import re
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.assist.processes.shop import Shop

EMAIL = "admin@example.com"
FORM_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
TIMEOUT = 30.0


@dataclass(slots=True)
class Ledger:
    kept: set[str] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)
    unanswered: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Path and body of requests that a kill cut off, oldest first."""


class Agent:
    def __init__(self, shop: Shop, *, seed: int) -> None:
        self.ledger = Ledger()
        self.sent = 0
        """Outcomes and their undoing, answered or not."""
        self._random = random.Random(seed)
        self._customers = shop.list_customers()
        self._password = shop.password
        self._url = ""
        self._cookies: dict[str, str] = {}
        self._session = requests.Session()
        self._stopped = threading.Event()

    def sit_down(self, url: str) -> None:
        """At a server that was just started: sign in where that was not done, and get a token."""
        self._url = url
        self._stopped.clear()
        self._session = requests.Session()
        self._session.cookies.update(self._cookies)
        if not self._cookies:
            self._sign_in()
        answer = self._session.post(f"{url}/sidebar/session", headers={"Origin": url}, timeout=TIMEOUT)
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def repeat_unanswered(self) -> None:
        waiting, self.ledger.unanswered = self.ledger.unanswered, []
        for path, body in waiting:
            self._send(path, body)

    def work(self) -> None:
        """Until told to stop, or until the server is gone."""
        try:
            while not self._stopped.is_set():
                self.visit()
        except requests.RequestException:
            return

    def stop(self) -> None:
        self._stopped.set()

    def _sign_in(self) -> None:
        page = self._session.get(f"{self._url}/sign-in", timeout=TIMEOUT)
        found = FORM_TOKEN.search(page.text)
        assert found, page.text
        form = {"csrf_token": found[1], "email": EMAIL, "password": self._password, "next": "/"}
        answer = self._session.post(f"{self._url}/sign-in", data=form, allow_redirects=False, timeout=TIMEOUT)
        assert answer.status_code == 302, answer.text
        self._cookies = self._session.cookies.get_dict()

    def visit(self) -> None:
        """One customer; those to whom nothing can be offered are not visited again."""
        ref = self._random.choice(self._customers)
        context = secrets.token_hex(8)
        customer = self._ask("card", {"context": context, "ref": ref})["customer"]
        suggestions = self._ask("suggestions", {"context": context, "customer": customer})["suggestions"]
        if not suggestions:
            self._customers.remove(ref)
        for suggestion in suggestions:
            self._act(suggestion["id"])
            if self._stopped.is_set():
                return

    def _act(self, suggestion: str) -> None:
        answer = self._random.choice(["accepted", "declined", None])
        offered = self._record({"suggestion": suggestion, "act": "offered", "channel": "insert"})
        if self._random.random() < 0.25:
            self._send(f"outcomes/{offered}/undo", {})
        elif answer:
            self._record({"suggestion": suggestion, "act": answer})

    def _record(self, body: dict[str, Any]) -> str:
        body["id"] = secrets.token_hex(16)
        self._send("outcomes", body)
        return str(body["id"])

    def _send(self, path: str, body: dict[str, Any]) -> None:
        """Raises RequestException after noting that nobody knows whether it was received."""
        self.sent += 1
        try:
            answer = self._session.post(f"{self._url}/sidebar/{path}", json=body, timeout=TIMEOUT)
        except requests.RequestException:
            self.ledger.unanswered.append((path, body))
            raise
        self._note(answer, body)

    def _note(self, answer: requests.Response, body: dict[str, Any]) -> None:
        if answer.status_code == 201:
            assert answer.json()["id"] == body["id"]
            self.ledger.kept.add(body["id"])
        elif answer.status_code == 200:
            self.ledger.kept.discard(answer.json()["id"])
            self.ledger.undone.add(answer.json()["id"])
        else:
            # Undone too late: the CRM may know already, so the outcome stands.
            assert answer.status_code == 409, answer.text

    def _ask(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._session.post(f"{self._url}/sidebar/{path}", json=body, timeout=TIMEOUT)
        assert answer.status_code == 200, answer.text
        return answer.json()
