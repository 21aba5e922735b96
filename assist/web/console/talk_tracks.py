"""Talk tracks: what agents can say, side by side by language and form of address."""

from flask import url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from assist.web.auth import requires
from assist.web.console.area import MODEL_WATCHERS, OPS, blueprint
from assist.web.console.content import Source, find_objections, open_source, part_in
from assist.web.console.editing import Answer, Page, answer, render_part, seen_of
from assist.web.forms.fields import Field, Group, Several
from assist.web.forms.form import Form
from assist.web.language import page_language
from personas.languages import LANGUAGES, REGISTERS
from personas.release import Release
from personas.talk_tracks import PLACEHOLDERS

FILE = "talk_tracks.yaml"
NAMES = {
    "cross_sell": _l("Cross-sell"),
    "upsell": _l("Upsell"),
    "replenish": _l("Replenish"),
    "popular": _l("Popular"),
    "decline": _l("After a no"),
}


@blueprint.get("/talk-tracks")
@requires(*MODEL_WATCHERS)
def list_talk_tracks() -> str:
    return _list(open_source())


@blueprint.get("/drafts/<int:draft>/talk-tracks")
@requires(*OPS)
def list_draft_talk_tracks(draft: int) -> str:
    return _list(open_source(draft))


@blueprint.route("/drafts/<int:draft>/talk-tracks/<key>", methods=["GET", "POST"])
@requires(*OPS)
def edit_talk_track(draft: int, key: str) -> Answer:
    source = open_source(draft)
    if key not in source.catalogue.talk_tracks.tracks or source.draft is None:
        raise NotFound
    part = part_in(FILE, key, top=talk_track_form())

    def show(form: Form, release: Release) -> str:
        return source.render(
            "draft_talk_track",
            "talk-tracks",
            form=form,
            name=NAMES.get(key, key),
            placeholders=PLACEHOLDERS,
            seen=seen_of(part, release),
            look=look(release),
        )

    def look(release: Release) -> Markup:
        found = find_objections(release.catalogue, f"{FILE}: {key}")
        return render_part("talk_track_look", objections=found, language=page_language())

    after = url_for("console.edit_talk_track", draft=draft, key=key)
    return answer(source.draft, part, Page(show, look, after))


def _list(source: Source) -> str:
    return source.render(
        "talk_tracks",
        "talk-tracks",
        tracks=source.catalogue.talk_tracks.tracks,
        names=NAMES,
        languages=LANGUAGES,
        registers=REGISTERS,
        faults=len(find_objections(source.catalogue, FILE)),
    )


def talk_track_form() -> Field:
    tones = tuple(Several(name=register, label=register, rows=4, optional=True) for register in REGISTERS)
    return Tongues(fields=tuple(Group(name=language, fields=tones) for language in LANGUAGES))


class Tongues(Group):
    """Drawn by form of address, its languages beside each other."""

    kind = "tongues"
