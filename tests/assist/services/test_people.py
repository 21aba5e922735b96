"""The last one who can look after people and CRMs stays."""

import pytest

from assist.models.account import Role
from assist.services import people
from assist.services.audit import COMMAND_LINE
from assist.services.desk import Desk
from assist.services.people import NotAllowed
from tests.assist.scenes import add_agent


@pytest.mark.parametrize("act", ["roles", "disable"])
def test_the_last_admin_stays(desk: Desk, act: str) -> None:
    last, other = add_agent(desk, "Ada", Role.CRM_ADMIN), add_agent(desk, "Bo", Role.CRM_ADMIN)
    people.disable(desk, other, actor=COMMAND_LINE)
    acts = {
        "roles": lambda: people.change_roles(desk, last, roles={Role.AGENT}, actor=COMMAND_LINE),
        "disable": lambda: people.disable(desk, last, actor=COMMAND_LINE),
    }
    with pytest.raises(NotAllowed, match="last_admin"):
        acts[act]()
    people.enable(desk, other, actor=COMMAND_LINE)
    people.disable(desk, last, actor=COMMAND_LINE)
