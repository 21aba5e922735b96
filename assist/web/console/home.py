"""The start page: where to go, and how things stand."""

from flask import url_for

from assist.models.account import Role
from assist.services import status
from assist.store.first_steps import find_steps
from assist.web.auth import get_caller, requires
from assist.web.console.area import MODEL_WATCHERS, OPS, SELLERS, WATCHERS, blueprint, render
from assist.web.context import current_desk

DOORS = {
    "connected": ("console.list_connections", WATCHERS),
    "synced": ("console.list_connections", WATCHERS),
    "trained": ("console.show_model", MODEL_WATCHERS),
    "suggested": ("sidebar.shell", SELLERS),
    "offered": ("sidebar.shell", SELLERS),
    "drafted": ("console.list_drafts", OPS),
}
"""Where each of the first steps is taken, and by whom."""


@blueprint.get("/")
@requires()
def show_home() -> str:
    roles = get_caller().user.roles
    leads = bool(roles & {Role.CRM_ADMIN, *OPS})
    with current_desk().database.reading() as session:
        overview = status.overview(session)
        steps = find_steps(session) if leads else None
    return render(
        "home",
        overview=overview,
        steps=steps,
        doors={step: url_for(place) for step, (place, who) in DOORS.items() if roles & set(who)},
        sells=bool(roles & set(SELLERS)),
        watches=bool(roles & set(WATCHERS)),
    )
