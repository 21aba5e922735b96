"""What an agent waits for asks nothing of the CRM: that it is down costs them freshness alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assist.config import Config
from assist.services.desk import Desk
from crm_adapters import fakes
from crm_adapters.fakes.seed import ANA
from crm_adapters.fakes.troubles import Storm, Trouble
from tests.assist.conftest import HandClock
from tests.assist.models import add_version
from tests.assist.outages import Outage, open_outage
from tests.assist.scenes import find_id
from tests.assist.web.visitors import arrive

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, crm_private_hosts=frozenset({"127.0.0.1"}), live_deadline_seconds=60)


@pytest.mark.parametrize("vendor", fakes.available())
def test_card_and_suggestions_ask_nothing_of_the_crm(
    app: Flask, desk: Desk, clock: HandClock, model: Path, vendor: str
) -> None:
    add_version(desk, model, "served")
    agent = arrive(app, desk).client
    with open_outage(desk, clock, vendor) as outage:
        customer = find_id(desk, outage.refs[ANA.ref])
        for trouble in (Trouble.LIMITED, Trouble.BROKEN):
            outage.fake.brew(Storm({trouble: 1}))
            work_beside(agent, outage, customer)
            clock.pass_time(minutes=1)
            outage.fake.troubles.clear()


def work_beside(agent: FlaskClient, outage: Outage, customer: int) -> None:
    asked, who = len(outage.fake.log), {"context": "chat-1", "customer": customer}
    card = ask(agent, "card", {"context": "chat-1", "email": ANA.emails[0].value})
    assert ANA.name in card["html"]
    assert ask(agent, "suggestions", who)["decision"]
    assert len(outage.fake.log) == asked
    assert ANA.name in ask(agent, "refresh", who)["html"]
    assert len(outage.fake.log) > asked, "what asks is told apart from what does not"


def ask(agent: FlaskClient, page: str, body: dict[str, Any]) -> dict[str, Any]:
    started: Any = agent.post("/sidebar/session", headers=OURS, json={}).json
    bearer = {"Authorization": f"Bearer {started['token']}"}
    answer = agent.post(f"/sidebar/{page}", json=body, headers=bearer)
    assert answer.status_code == 200
    found: Any = answer.json
    return dict(found)
