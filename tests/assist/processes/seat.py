"""An agent's seat at the sidebar, over HTTP: signed in on the console, with a token."""

import re
from typing import Any

import requests

EMAIL = "admin@example.com"
FORM_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
TIMEOUT = 30.0


class Seat:
    def __init__(self, password: str) -> None:
        self._password = password
        self._url = ""
        self._cookies: dict[str, str] = {}
        self._session = requests.Session()

    def sit_down(self, url: str) -> None:
        """At a server that was just started: sign in where that was not done, and get a token."""
        self._url = url
        self._session.close()
        self._session = requests.Session()
        self._session.cookies.update(self._cookies)
        if not self._cookies:
            self._sign_in()
        answer = self._session.post(f"{url}/sidebar/session", headers={"Origin": url}, timeout=TIMEOUT)
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def leave(self) -> None:
        self._session.close()

    def post(self, path: str, body: dict[str, Any]) -> requests.Response:
        return self._session.post(f"{self._url}/sidebar/{path}", json=body, timeout=TIMEOUT)

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        """Fails the test for anything but a good answer."""
        answer = self.post(path, body)
        assert answer.ok, answer.text
        return answer.json()

    def _sign_in(self) -> None:
        page = self._session.get(f"{self._url}/sign-in", timeout=TIMEOUT)
        found = FORM_TOKEN.search(page.text)
        assert found, page.text
        form = {"csrf_token": found[1], "email": EMAIL, "password": self._password, "next": "/"}
        answer = self._session.post(f"{self._url}/sign-in", data=form, allow_redirects=False, timeout=TIMEOUT)
        assert answer.status_code == 302, answer.text
        self._cookies = self._session.cookies.get_dict()
