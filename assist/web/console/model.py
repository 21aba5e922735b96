"""The model that answers: what it is worth, what changed, and going back to one that served before."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal
from flask import flash, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.models.account import Role
from assist.services import comparison, versions
from assist.services.comparison import Comparison
from assist.services.quality import MEASURES, TASKS, TaskQuality
from assist.services.versions import CONSOLE, Mover, NoRollback, UnknownVersion, UnreadableVersion, Version
from assist.web.auth import current_origin, get_caller, requires
from assist.web.console.area import MODEL_WATCHERS, blueprint, render
from assist.web.console.chart import Axis, axis_of
from assist.web.context import current_desk

MOVERS = (Role.OPS_APPROVER, Role.CRM_ADMIN)
LONGEST_WHY = 200


@dataclass(frozen=True, slots=True)
class Panel:
    """One task; without `quality` it was not measured."""

    task: str
    quality: TaskQuality | None
    axis: Axis
    """Of NDCG@10."""
    shares: Axis
    """Of all measures."""


@blueprint.get("/model")
@requires(*MODEL_WATCHERS)
def show_model() -> str:
    desk = current_desk()
    with desk.database.reading() as session:
        serving = versions.find_serving(session)
        listed = versions.list_all(session)
    answering = desk.models.current()
    changed = _changed(serving, listed)
    return render(
        "model",
        serving=serving,
        answering=answering.version if answering else None,
        versions=listed,
        panels=[_panel(task, serving) for task in TASKS] if serving else [],
        measures=MEASURES,
        changed=changed,
        axis=axis_of(one for one, _cases in changed.differences.values()) if changed else None,
        may_move=bool(get_caller().user.roles & set(MOVERS)),
    )


@blueprint.post("/model/rollback")
@requires(*MOVERS)
def roll_back() -> Response:
    to, why = request.form.get("to", ""), request.form.get("why", "").strip()[:LONGEST_WHY]
    mover = Mover(CONSOLE, why, get_caller().user.id, current_origin())
    try:
        target = versions.rollback(current_desk(), mover, to=to)
    except UnknownVersion as error:
        raise NotFound from error
    except NoRollback:
        flash(_("Nothing was changed: that version serves already, or never did."))
    except UnreadableVersion:
        flash(_("Nothing was changed: %(version)s cannot be read.", version=to))
    else:
        flash(_("%(version)s serves again.", version=target))
    return redirect(url_for("console.show_model"))


@blueprint.app_template_filter()
def score(value: float | None, pattern: str = "0.000") -> str:
    """`0.163`; `–` for what is unknown."""
    return "–" if value is None else format_decimal(value, pattern, locale=get_locale() or "en")


@blueprint.app_template_filter()
def tick(value: float) -> str:
    return format_decimal(value, "0.####", locale=get_locale() or "en")


def _panel(task: str, version: Version) -> Panel:
    quality = next((one for one in version.quality if one.task == task), None)
    drawn = [one.ndcg for one in quality.main] if quality else []
    drawn += [one.ndcg for one in quality.segments] if quality else []
    held = [quality.chosen, quality.rival] if quality else []
    shares = axis_of(figure for one in held if one for figure in one.figures.values())
    return Panel(task, quality, axis_of(drawn), shares)


def _changed(serving: Version | None, listed: Sequence[Version]) -> Comparison | None:
    """Since the version that the serving one was held against."""
    before = next((one for one in listed if serving and one.version == serving.verdict.against), None)
    return comparison.differ(before, serving) if before and serving else None
