"""The days that matter to the shop, and the texts of a draft that have no form of their own."""

from collections.abc import Mapping
from datetime import date, timedelta

from flask import url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from assist.web.auth import requires
from assist.web.console.area import MODEL_WATCHERS, OPS, blueprint
from assist.web.console.content import open_source, today, whole_file
from assist.web.console.editing import Answer, Page, Part, answer, render_part, seen_of
from assist.web.forms.form import Form
from assist.web.language import page_language
from personas.calendar import Event
from personas.release import Release

LISTED = 15
TEXTS = {"notes": _l("What a CRM is told"), "questions": _l("What agents may ask")}


@blueprint.get("/calendar")
@requires(*MODEL_WATCHERS)
def show_calendar() -> str:
    source = open_source()
    return source.render("calendar", "calendar", coming=_coming(source.catalogue.calendar))


@blueprint.route("/drafts/<int:draft>/calendar", methods=["GET", "POST"])
@requires(*OPS)
def edit_calendar(draft: int) -> Answer:
    hint = _l('By country, or elsewhere: {day: "12-25"}, {nth: 2, weekday: sunday, month: 5}, {easter: -47}.')
    part = whole_file("calendar.yaml", label=_l("Days that matter"), hint=hint)
    return _edit(draft, part, _l("Calendar"), url_for("console.edit_calendar", draft=draft))


@blueprint.route("/drafts/<int:draft>/texts/<any(notes, questions):text>", methods=["GET", "POST"])
@requires(*OPS)
def edit_texts(draft: int, text: str) -> Answer:
    part = whole_file(f"{text}.yaml", label=TEXTS[text])
    return _edit(draft, part, TEXTS[text], url_for("console.edit_texts", draft=draft, text=text))


def _edit(draft: int, part: Part, heading: object, after: str) -> Answer:
    source = open_source(draft)
    assert source.draft  # noqa: S101 - of a draft

    def show(form: Form, release: Release) -> str:
        shown = {"form": form, "heading": heading, "seen": seen_of(part, release), "look": look(release)}
        return source.render("draft_part", "calendar", **shown)

    def look(release: Release) -> Markup:
        if not part.place.startswith("calendar"):
            return Markup()
        coming = _coming(release.catalogue.calendar)[:LISTED]
        return render_part("calendar_look", coming=coming, language=page_language())

    return answer(source.draft, part, Page(show, look, after))


def _coming(calendar: Mapping[str, Event]) -> list[tuple[date, str, Event]]:
    """The next day of each event in each country, the nearest first."""
    found = []
    for event in calendar.values():
        for country in event.days:
            left = event.days_until(today(), country)
            if left is not None:
                found.append((today() + timedelta(days=left), country, event))
    return sorted(found, key=lambda one: (one[0], one[2].key, one[1]))
