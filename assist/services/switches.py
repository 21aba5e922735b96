"""Switching off for everybody at once what does harm, and on again."""

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError

from assist.models.account import Role
from assist.models.switch import ThrownSwitch
from assist.services.audit import COMMAND_LINE, Actor, record
from assist.services.desk import Desk
from assist.services.switchboard import Switch
from assist.store import switches as store

LONGEST_REASON = 200

MAY_TURN: Mapping[Switch, frozenset[Role]] = {
    Switch.WRITES: frozenset({Role.CRM_ADMIN}),
    Switch.SUGGESTIONS: frozenset({Role.CRM_ADMIN, Role.LEAD, Role.OPS_APPROVER}),
    Switch.EVERYTHING: frozenset({Role.CRM_ADMIN}),
}
"""Off and on again."""


class NoReason(ValueError):  # noqa: N818 - named for what it says
    """Whoever meets a switched-off program has to learn why."""


def switch_off(desk: Desk, switch: Switch, *, reason: str, actor: Actor = COMMAND_LINE) -> bool:
    """False where it was off already. Raises NoReason."""
    why = _trim(reason)
    if not why:
        raise NoReason("Say why: it is shown to everybody who meets it.")
    now = desk.clock.now()
    row = ThrownSwitch(name=switch.value, reason=why, thrown_by=actor.id, thrown_at=now)
    try:
        with desk.database.writing() as session:
            turned = store.throw(session, row)
            if turned:
                record(session, actor.entry("switch.off", f"switch:{switch}"), at=now, why=why)
    except IntegrityError:  # somebody else did, this moment
        turned = False
    desk.switches.look_again()
    return turned


def switch_on(desk: Desk, switch: Switch, *, reason: str = "", actor: Actor = COMMAND_LINE) -> bool:
    """False where it was on."""
    now = desk.clock.now()
    with desk.database.writing() as session:
        turned = store.restore(session, switch.value)
        if turned:
            why = _trim(reason)
            record(session, actor.entry("switch.on", f"switch:{switch}"), at=now, why=why)
    desk.switches.look_again()
    return turned


def _trim(reason: str) -> str:
    return " ".join(reason.split())[:LONGEST_REASON]
