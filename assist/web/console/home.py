"""The start page: where to go, and how things stand."""

from assist.services import status
from assist.web.auth import get_caller, requires
from assist.web.console.area import SELLERS, WATCHERS, blueprint, render
from assist.web.context import current_desk


@blueprint.get("/")
@requires()
def show_home() -> str:
    roles = get_caller().user.roles
    with current_desk().database.reading() as session:
        overview = status.overview(session)
    return render(
        "home",
        overview=overview,
        sells=bool(roles & set(SELLERS)),
        watches=bool(roles & set(WATCHERS)),
    )
