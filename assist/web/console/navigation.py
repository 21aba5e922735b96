"""Where each page stands in the console, and who finds it there."""

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import lazy_gettext as _l

from assist.models.account import Role
from assist.services.sign_in import Caller
from assist.web.console.activity import ACTIVITY_WATCHERS
from assist.web.console.area import LOOKERS, MODEL_WATCHERS, OPS, WATCHERS, blueprint
from assist.web.console.people import KEEPERS
from assist.web.words import role_names


@dataclass(frozen=True, slots=True)
class Page:
    endpoint: str
    name: object
    about: object
    """What one does there, in a line."""
    roles: tuple[Role, ...] = ()
    """Empty: everybody who is signed in."""

    def is_for(self, caller: Caller) -> bool:
        return not self.roles or bool(caller.user.roles & set(self.roles))

    @property
    def is_open(self) -> bool:
        """It, or a page beneath it."""
        path = url_for(self.endpoint)
        return request.path == path or request.path.startswith(f"{path}/")


@dataclass(frozen=True, slots=True)
class Section:
    name: object
    pages: tuple[Page, ...]

    @property
    def is_open(self) -> bool:
        return any(page.is_open for page in self.pages)


SECTIONS = (
    Section(
        _l("Customers"),
        (
            Page(
                "console.ask_customer",
                _l("Customers"),
                _l("Look somebody up by e-mail, phone or CRM id."),
                LOOKERS,
            ),
        ),
    ),
    Section(
        _l("Sales ops"),
        (
            Page(
                "console.list_personas",
                _l("Personas"),
                _l("Kinds of customers: goals, objections, what to say."),
            ),
            Page(
                "console.show_icp",
                _l("Ideal customer"),
                _l("What makes an ideal customer, how many there are, and whether they buy."),
                MODEL_WATCHERS,
            ),
            Page(
                "console.list_rules",
                _l("Rules"),
                _l("What is denied, what goes first, what the agent is told."),
                MODEL_WATCHERS,
            ),
            Page(
                "console.list_talk_tracks",
                _l("Talk tracks"),
                _l("What agents can say, by language and form of address."),
                MODEL_WATCHERS,
            ),
            Page(
                "console.show_calendar",
                _l("Calendar"),
                _l("Days that matter, country by country."),
                MODEL_WATCHERS,
            ),
            Page(
                "console.show_policies",
                _l("Policies"),
                _l("How often, what a no does, what may be given away."),
                MODEL_WATCHERS,
            ),
            Page(
                "console.list_drafts",
                _l("Drafts"),
                _l("Change a persona, a rule or a sentence, and see what it would do."),
                OPS,
            ),
            Page(
                "console.list_releases",
                _l("Releases"),
                _l("What is said to whom: try a change, approve it, put it in force, take it back."),
                MODEL_WATCHERS,
            ),
            Page(
                "console.list_pairs",
                _l("Learned pairs"),
                _l("Products that go together, found by training: approve or reject."),
                MODEL_WATCHERS,
            ),
        ),
    ),
    Section(
        _l("Measurement"),
        (
            Page(
                "console.show_activity",
                _l("Activity"),
                _l("What became of suggestions, and why things are declined."),
                ACTIVITY_WATCHERS,
            ),
            Page(
                "console.list_decisions",
                _l("Decisions"),
                _l("What was suggested to whom and when, or why nothing was."),
                ACTIVITY_WATCHERS,
            ),
            Page(
                "console.show_model",
                _l("Model"),
                _l("How good the suggestions are, what changed, and the way back."),
                MODEL_WATCHERS,
            ),
        ),
    ),
    Section(
        _l("CRM"),
        (
            Page(
                "console.list_connections",
                _l("Connections"),
                _l("CRMs, their last sync and what it could not read."),
                WATCHERS,
            ),
            Page(
                "console.list_outbox",
                _l("Outbox"),
                _l("What CRMs are still to be told, and what failed."),
                WATCHERS,
            ),
            Page(
                "console.show_log",
                _l("Log"),
                _l("All that is stored under one number, from a click to the CRM's record."),
                WATCHERS,
            ),
            Page(
                "console.show_switches",
                _l("Switches"),
                _l("Writes, suggestions or everything: off at once, with a reason."),
                MODEL_WATCHERS,
            ),
        ),
    ),
    Section(
        _l("Administration"),
        (
            Page(
                "console.list_people",
                _l("People"),
                _l("Who may do what, and where they are signed in."),
                KEEPERS,
            ),
            Page(
                "console.list_audit",
                _l("Audit log"),
                _l("Who did what, when and from where."),
                KEEPERS,
            ),
        ),
    ),
)


@blueprint.app_context_processor
def offer_navigation() -> dict[str, object]:
    return {"open_sections": open_sections, "role_names": role_names}


def open_sections(caller: Caller) -> list[Section]:
    """With the pages that the caller may open; those without any are left out."""
    sections = (
        Section(one.name, tuple(page for page in one.pages if page.is_for(caller))) for one in SECTIONS
    )
    return [section for section in sections if section.pages]
