"""What the console's pages share: the blueprint, who may open which page, and how a page is rendered."""

from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_timedelta
from flask import Blueprint, render_template
from flask_babel import format_datetime, get_locale
from flask_babel import gettext as _

from assist.models.account import Role
from assist.web.auth import find_caller
from assist.web.context import current_desk
from personas.languages import Translated

SELLERS = (Role.AGENT, Role.LEAD)
LOOKERS = (*SELLERS, Role.OPS_EDITOR, Role.OPS_APPROVER, Role.CRM_ADMIN)
WATCHERS = (Role.LEAD, Role.CRM_ADMIN, Role.AUDITOR)
OPS = (Role.OPS_EDITOR, Role.OPS_APPROVER)
MODEL_WATCHERS = (*WATCHERS, *OPS)

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)
"""The first that is named counts: all but Firefox also call themselves Chrome or Safari."""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)

blueprint = Blueprint("console", __name__)


@blueprint.app_template_filter()
def moment(at: datetime) -> str:
    """Day and time in the reader's time zone."""
    return str(format_datetime(at, "d MMM y HH:mm"))


@blueprint.app_template_filter()
def ago(at: datetime) -> str:
    """`5 minutes ago`, `in 2 hours`."""
    return format_timedelta(at - current_desk().clock.now(), add_direction=True, locale=get_locale() or "en")


@blueprint.app_template_filter()
def since(at: datetime) -> str:
    """`5 minutes`."""
    return format_timedelta(current_desk().clock.now() - at, locale=get_locale() or "en")


@blueprint.app_template_filter()
def calendar_day(day: date) -> str:
    return format_date(day, "long", locale=get_locale() or "en")


@blueprint.app_template_filter()
def browser(agent: str) -> str:
    """What a User-Agent header most likely stands for: `Firefox · Linux`."""
    name = next((name for mark, name in BROWSERS if mark in agent), None)
    system = next((name for mark, name in SYSTEMS if mark in agent), None)
    return " · ".join(filter(None, (name, system))) or str(_("Unknown browser"))


@blueprint.app_template_filter()
def into(text: Translated, language: str) -> str:
    return text.into(language)


def render(template: str, **values: Any) -> str:
    return render_template(f"console/{template}.html", caller=find_caller(), **values)
