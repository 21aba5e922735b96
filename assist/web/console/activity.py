"""What became of suggestions: over time, by persona, kind, product and channel, and why things are declined."""

from babel.dates import get_day_names
from flask import request
from flask_babel import get_timezone

from assist.models.account import Role
from assist.services.activity import count_activity, rank
from assist.services.measures import FEWEST
from assist.web.auth import requires
from assist.web.console.area import OPS, blueprint, render
from assist.web.console.releases import WHOLE
from assist.web.context import current_desk
from assist.web.language import current_locale, page_language

PERIODS = (7, 30, 90)
ACTIVITY_WATCHERS = (Role.LEAD, *OPS, Role.AUDITOR)


@blueprint.get("/activity")
@requires(*ACTIVITY_WATCHERS)
def show_activity() -> str:
    days = request.args.get("days", 30, type=int)
    desk, language = current_desk(), page_language()
    found = count_activity(desk, days=days if days in PERIODS else 30, zone=get_timezone())
    policies = desk.personas.policies
    return render(
        "activity",
        found=found,
        days=len(found.days),
        periods=PERIODS,
        personas=rank(found.personas),
        kinds=rank(found.kinds),
        products=rank(found.products),
        most_shown=max((tally.shown for _day, tally in found.days), default=0),
        most_heat=max(found.heat.values(), default=0),
        weekdays=get_day_names("abbreviated", locale=current_locale()),
        persona_names={one.key: one.name.into(language) for one in desk.personas.personas},
        reason_names={one.key: one.name.into(language) for one in policies.decline_reasons},
        fewest=FEWEST,
        axis=WHOLE,
    )
