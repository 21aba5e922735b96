"""What the console's pages share: the blueprint, who may open which page, and how a page is rendered."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_timedelta
from flask import Blueprint, render_template
from flask_babel import format_datetime, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from assist.models.account import Role
from assist.services.sign_in import Caller
from assist.web.auth import find_caller
from assist.web.context import current_desk
from assist.web.words import role_names
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


@dataclass(frozen=True, slots=True)
class Page:
    """An entry of the navigation."""

    endpoint: str
    name: object
    roles: tuple[Role, ...] = ()
    """Empty: everybody who is signed in."""

    def is_for(self, caller: Caller) -> bool:
        return not self.roles or bool(caller.user.roles & set(self.roles))


PAGES = (
    Page("console.show_home", _l("Start")),
    Page("console.ask_customer", _l("Customers"), LOOKERS),
    Page("console.list_personas", _l("Personas")),
    Page("console.list_releases", _l("Releases"), MODEL_WATCHERS),
    Page("console.list_pairs", _l("Learned pairs"), MODEL_WATCHERS),
    Page("console.show_model", _l("Model"), MODEL_WATCHERS),
    Page("console.list_connections", _l("Connections"), WATCHERS),
    Page("console.list_outbox", _l("Outbox"), WATCHERS),
)


@blueprint.app_context_processor
def offer_navigation() -> dict[str, object]:
    return {"open_pages": open_pages, "role_names": role_names}


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


def open_pages(caller: Caller) -> list[Page]:
    return [page for page in PAGES if page.is_for(caller)]


def render(template: str, **values: Any) -> str:
    return render_template(f"console/{template}.html", caller=find_caller(), **values)
