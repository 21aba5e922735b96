"""Drafts: where sales operations change what is said to whom, before it becomes a release."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.services import drafts, releases
from assist.services.drafts import Opened, UnknownDraft
from assist.services.releases import UnknownRelease
from assist.web.auth import get_caller, requires
from assist.web.console.area import OPS, blueprint, render
from assist.web.console.editing import current_actor, open_draft
from assist.web.context import current_desk
from assist.web.language import page_language
from personas.content import InvalidContent
from personas.release import Release, find_differences
from personas.review import review


@dataclass(frozen=True, slots=True)
class Tab:
    endpoint: str
    name: object
    values: Mapping[str, str] = field(default_factory=dict)


TABS = (
    Tab("console.show_draft", _l("Changes")),
    Tab("console.list_draft_personas", _l("Personas")),
    Tab("console.edit_icp", _l("Ideal customer")),
    Tab("console.list_draft_rules", _l("Rules")),
    Tab("console.list_draft_talk_tracks", _l("Talk tracks")),
    Tab("console.edit_calendar", _l("Calendar")),
    Tab("console.edit_policies", _l("Policies")),
    Tab("console.edit_texts", _l("Questions"), {"text": "questions"}),
    Tab("console.edit_texts", _l("Notes"), {"text": "notes"}),
    Tab("console.preview_draft", _l("Preview")),
)
SECTIONS = {
    "personas": "console.list_draft_personas",
    "icp": "console.edit_icp",
    "rules": "console.list_draft_rules",
    "talk-tracks": "console.list_draft_talk_tracks",
    "calendar": "console.edit_calendar",
    "policies": "console.edit_policies",
}
"""What may be asked for when a draft is opened."""


@blueprint.get("/drafts")
@requires(*OPS)
def list_drafts() -> str:
    with current_desk().database.reading() as session:
        return render("drafts", drafts=drafts.list_open(session))


@blueprint.post("/drafts")
@requires(*OPS)
def start_draft() -> Response:
    """Goes on in the draft that this person changed last, unless a new one is asked for."""
    desk, caller = current_desk(), get_caller()
    wanted, name = request.form.get("title", "").strip(), request.form.get("release") or None
    with desk.database.reading() as session:
        draft_id = None if wanted or name else drafts.find_own(session, caller.user.id)
    if draft_id is None:
        title = wanted or str(_("Draft of %(name)s", name=caller.user.name))
        try:
            draft_id = drafts.start(desk, title=title, name=name, actor=current_actor())
        except (UnknownRelease, InvalidContent) as error:
            raise NotFound from error
    section = SECTIONS.get(request.form.get("section", ""), "console.show_draft")
    return redirect(url_for(section, draft=draft_id))


@blueprint.get("/drafts/<int:draft>")
@requires(*OPS)
def show_draft(draft: int) -> str:
    opened, desk = open_draft(draft), current_desk()
    with desk.database.reading() as session:
        in_force = releases.load(session, releases.find_current(session, desk.clock.now()))
    return render_draft(
        "draft",
        opened,
        differences=_compare(in_force, opened.release),
        is_outdated=in_force.digest != opened.based_on,
        objections=review(opened.release.catalogue, desk.clock.now().date()),
        language=page_language(),
    )


@blueprint.post("/drafts/<int:draft>/release")
@requires(*OPS)
def release_draft(draft: int) -> Response:
    note = request.form.get("note", "").strip()[:200]
    try:
        digest = drafts.finish(current_desk(), draft, note=note, actor=current_actor())
    except UnknownDraft as error:
        raise NotFound from error
    flash(_("It is a release now. Simulate it, then ask somebody else to approve it."))
    return redirect(url_for("console.show_release", name=digest))


@blueprint.post("/drafts/<int:draft>/discard")
@requires(*OPS)
def discard_draft(draft: int) -> Response:
    try:
        drafts.discard(current_desk(), draft, actor=current_actor())
    except UnknownDraft as error:
        raise NotFound from error
    flash(_("The draft is gone. What is in force stays as it is."))
    return redirect(url_for("console.list_drafts"))


def render_draft(template: str, opened: Opened, **values: object) -> str:
    return render(template, draft=opened, tabs=TABS, **values)


def _compare(before: Release, after: Release) -> list[tuple[str, object, object]]:
    return [(place, one, two) for place, (one, two) in find_differences(before, after).items()]
