"""Stable codes as words in the reader's language."""

from collections.abc import Collection, Mapping

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from assist.models.account import Role

ROLES: Mapping[str, object] = {
    Role.AGENT: _l("agent"),
    Role.LEAD: _l("team lead"),
    Role.OPS_EDITOR: _l("sales ops editor"),
    Role.OPS_APPROVER: _l("sales ops approver"),
    Role.CRM_ADMIN: _l("CRM admin"),
    Role.AUDITOR: _l("auditor"),
}


def role_names(roles: Collection[Role]) -> str:
    """`agent, team lead and auditor`."""
    names = [str(name) for role, name in ROLES.items() if role in roles]
    return format_list(names, locale=get_locale() or "en")
