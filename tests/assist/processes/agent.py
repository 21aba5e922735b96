"""An agent at the sidebar, over HTTP: looks customers up, acts on suggestions, undoes some of it.

The agent keeps a ledger. What the server acknowledged must be in the CRM once, what it undid never; what it
did not answer is sent again, under the same id, when the server is back.
"""

import random
import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.assist.processes.seat import Seat
from tests.assist.processes.shop import Shop


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
        self._seat = Seat(shop.password)
        self._stopped = threading.Event()

    def sit_down(self, url: str) -> None:
        self._stopped.clear()
        self._seat.sit_down(url)

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

    def visit(self) -> None:
        """One customer; those to whom nothing can be offered are not visited again."""
        ref = self._random.choice(self._customers)
        context = secrets.token_hex(8)
        customer = self._seat.ask("card", {"context": context, "ref": ref})["customer"]
        suggestions = self._seat.ask("suggestions", {"context": context, "customer": customer})["suggestions"]
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
            answer = self._seat.post(path, body)
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
