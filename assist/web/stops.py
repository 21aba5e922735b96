"""What a person or a program meets where somebody has switched us off."""

from flask_babel import gettext as _

from assist.services.switchboard import Switch, Thrown
from assist.web.context import current_desk
from assist.web.errors import SwitchedOff


def refuse_while_off() -> None:
    """For who is known already: others need not learn why. Raises SwitchedOff while everything is off."""
    thrown = current_desk().switches.find(Switch.EVERYTHING)
    if thrown:
        raise SwitchedOff(say_thrown(thrown))


def say_thrown(thrown: Thrown) -> str:
    """By whom and why, and whom to ask."""
    return str(
        _(
            "%(who)s switched it off: %(why)s – ask them when it comes back.",
            who=thrown.by or _("A CRM admin"),
            why=thrown.reason,
        )
    )
