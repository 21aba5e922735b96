"""How a part of a draft is changed on a page: as a form, checked while it is written, kept where it can be read."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from flask import flash, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.services import drafts
from assist.services.audit import Actor
from assist.services.drafts import ChangedMeanwhile, Opened, UnknownDraft
from assist.web.auth import current_origin, get_caller
from assist.web.context import current_desk
from assist.web.forms.fields import Field
from assist.web.forms.form import Form
from personas.content import InvalidContent
from personas.release import Release

Answer = str | Response | tuple[str, int]
OURS = frozenset({"csrf_token", "seen", "do"})
"""Fields of every form, beside those of the part."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a release's document that one form changes."""

    place: str
    """Its file and what it is called there, for people and the audit log."""
    top: Field
    get: Callable[[Mapping[str, Any]], Any]
    """MISSING where there is none yet."""
    put: Callable[[dict[str, Any], Any], None]
    prefix: str = ""
    """Where it stands in its file, as errors name it: `rules[3]`."""


@dataclass(frozen=True, slots=True)
class Page:
    """Whatever is around the form."""

    show: Callable[[Form, Release], str]
    """`Release`: as the draft is kept."""
    look: Callable[[Release], Markup]
    """What stands beside the form, of the release as it would be."""
    after: str
    """Where to go on once it is kept."""


def open_draft(draft_id: int) -> Opened:
    """Of the address; raises NotFound."""
    try:
        with current_desk().database.reading() as session:
            return drafts.load(session, draft_id)
    except UnknownDraft as error:
        raise NotFound from error


def current_actor() -> Actor:
    return Actor(get_caller().user.id, current_origin())


def render_part(template: str, **values: Any) -> Markup:
    """A piece of a page."""
    return Markup(render_template(f"console/{template}.html", **values))  # noqa: S704 - rendered with escaping


def answer(opened: Opened, part: Part, page: Page) -> Answer:
    was = part.get(opened.release.document)
    if request.method == "GET":
        return page.show(Form.of(part.top, was), opened.release)
    sent = {name: text for name, text in request.form.items() if name not in OURS}
    form = Form.sent(part.top, sent)
    verb, _space, path = request.form.get("do", "save").partition(" ")
    if verb in {"add", "drop"}:
        (form.add_row if verb == "add" else form.drop_row)(path)
        return page.show(form, opened.release)
    if verb == "check":
        return _check(opened, part, page, form)
    return _save(opened, part, page, form)


def seen_of(part: Part, release: Release) -> str:
    """For the form, so that nobody writes over what they have not seen."""
    return drafts.sign(_signable(part.get(release.document)))


def _check(opened: Opened, part: Part, page: Page, form: Form) -> Response:
    try:
        made = _try(opened.release, part, form)
    except InvalidContent as error:
        form.explain(error, part.prefix)
        return jsonify(errors=form.errors, live=None)
    return jsonify(errors={}, live=page.look(made))


def _save(opened: Opened, part: Part, page: Page, form: Form) -> Answer:
    guard = drafts.refuse_changed(
        lambda document: _signable(part.get(document)), request.form.get("seen", "")
    )
    try:
        drafts.change(
            current_desk(),
            opened.id,
            lambda document: part.put(document, form.read(part.get(document))),
            place=part.place,
            actor=current_actor(),
            guard=guard,
        )
    except InvalidContent as error:
        form.explain(error, part.prefix)
    except ChangedMeanwhile:
        form.errors[""] = str(
            _("Somebody else changed this meanwhile. Compare, then save again to keep what stands here.")
        )
    except UnknownDraft as error:
        raise NotFound from error
    else:
        flash(_("Saved in the draft. Nothing changes for anybody yet."))
        return redirect(page.after)
    return page.show(form, open_draft(opened.id).release), 422


def _try(release: Release, part: Part, form: Form) -> Release:
    document = deepcopy(dict(release.document))
    part.put(document, form.read(part.get(document)))
    return Release.of(document)


def _signable(raw: Any) -> Any:
    return raw or None
