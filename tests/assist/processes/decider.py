"""One decision of a shop, written out with all that it removed; a process of its own.

python -m tests.assist.processes.decider DATABASE_URL CUSTOMER AGENT CONVERSATION, the folder of the models on stdin
"""

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

from cryptography.fernet import Fernet

from assist.app import build_desk
from assist.config import Config
from assist.models.decision import Decision
from assist.services.decide import decide
from tests.assist.conftest import HandClock


def write_decision(folder: Path, url: str, customer: int, agent: int, context: str) -> str:
    config = Config(
        data_dir=folder, database_url=url, jobs_url="", public_url="http://localhost", secret_key="s" * 32,
        vault_keys=(Fernet.generate_key().decode(),),
    )  # fmt: skip
    desk = build_desk(config, clock=HandClock())
    answer = decide(desk, customer_id=customer, agent_id=agent, context=context, language="en")
    with desk.database.reading() as session:
        decision = session.get_one(Decision, answer.decision_id)
        removed, release, persona = decision.removed, decision.release, decision.persona
    shown = [asdict(replace(one, id="")) for one in answer.suggestions]
    desk.database.engine.dispose()
    return json.dumps([shown, answer.silence, removed, release, persona], default=str, ensure_ascii=False)


if __name__ == "__main__":
    _, url, customer, agent, context = sys.argv
    folder = Path(sys.stdin.read().strip())
    sys.stdout.buffer.write(write_decision(folder, url, int(customer), int(agent), context).encode())
