"""Personas of a draft: changed while the page tells whom they would match."""

import re
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.services import crowd, drafts
from assist.services.crowd import Crowd
from assist.web.auth import requires
from assist.web.console.area import OPS, blueprint
from assist.web.console.drafts import render_draft
from assist.web.console.editing import (
    Answer,
    Page,
    Part,
    answer,
    current_actor,
    open_draft,
    render_part,
    seen_of,
)
from assist.web.console.persona_form import persona_form
from assist.web.context import current_crowd, current_desk
from assist.web.forms.fields import MISSING
from assist.web.forms.form import Form
from assist.web.language import page_language
from personas.catalogue import PERSONAS
from personas.content import InvalidContent
from personas.release import Release

EXAMPLES = 5
KEY = re.compile(r"[a-z][a-z0-9_]{1,60}")


@blueprint.get("/drafts/<int:draft>/personas")
@requires(*OPS)
def list_draft_personas(draft: int) -> str:
    opened, found = open_draft(draft), current_crowd()
    personas = opened.release.catalogue.personas
    return render_draft(
        "draft_personas",
        opened,
        personas=personas,
        crowd=found,
        overlap=crowd.overlap(found, personas),
        language=page_language(),
    )


@blueprint.route("/drafts/<int:draft>/personas/<key>", methods=["GET", "POST"])
@requires(*OPS)
def edit_persona(draft: int, key: str) -> Answer:
    opened = open_draft(draft)
    path = f"{PERSONAS}/{key}.yaml"
    if path not in opened.release.document:
        raise NotFound
    part = Part(
        place=path,
        top=persona_form(frozenset(opened.release.catalogue.policies.unlocked)),
        get=lambda document: document.get(path, MISSING),
        put=lambda document, raw: document.__setitem__(path, raw),
    )

    def show(form: Form, release: Release) -> str:
        return render_draft(
            "draft_persona",
            opened,
            form=form,
            key=key,
            seen=seen_of(part, release),
            look=look(release),
            count=len(release.catalogue.personas),
            language=page_language(),
            persona=next(one for one in release.catalogue.personas if one.key == key),
        )

    def look(release: Release) -> Markup:
        return _look(current_crowd(), current_desk().personas.personas, release, key)

    after = url_for("console.edit_persona", draft=draft, key=key)
    return answer(opened, part, Page(show, look, after))


@blueprint.post("/drafts/<int:draft>/personas")
@requires(*OPS)
def copy_persona(draft: int) -> Response:
    """A new one begins as a copy: what is alike need not be written again."""
    key, source = request.form.get("key", "").strip(), request.form.get("from", "")
    if not KEY.fullmatch(key):
        flash(_("Nothing was added: a key has small letters, digits and _, and begins with a letter."))
        return redirect(url_for("console.list_draft_personas", draft=draft))

    def alter(document: dict[str, Any]) -> None:
        if f"{PERSONAS}/{source}.yaml" not in document:
            raise NotFound
        document.setdefault(f"{PERSONAS}/{key}.yaml", document[f"{PERSONAS}/{source}.yaml"])

    _change(draft, alter, key)
    return redirect(url_for("console.edit_persona", draft=draft, key=key))


@blueprint.post("/drafts/<int:draft>/personas/<key>/remove")
@requires(*OPS)
def remove_persona(draft: int, key: str) -> Response:
    try:
        _change(draft, lambda document: document.pop(f"{PERSONAS}/{key}.yaml", None), key)
    except InvalidContent:
        flash(_("Nothing was removed: at least one persona has to stay."))
    else:
        flash(_("It is gone from the draft."))
    return redirect(url_for("console.list_draft_personas", draft=draft))


def _change(draft: int, alter: drafts.Change, key: str) -> None:
    open_draft(draft)
    drafts.change(current_desk(), draft, alter, place=f"{PERSONAS}/{key}.yaml", actor=current_actor())


def _look(found: Crowd, in_force: Any, release: Release, key: str) -> Markup:
    """Whom it leads for now and would lead for, with examples of who comes and goes."""
    before = crowd.match_persona(found, in_force, key)
    after = crowd.match_persona(found, release.catalogue.personas, key)
    came, went = crowd.differ(before.leading, after.leading)
    return render_part(
        "persona_look",
        crowd=found,
        before=before,
        after=after,
        came=came,
        went=went,
        examples=EXAMPLES,
    )
