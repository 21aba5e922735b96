"""Releases of what is said to whom: all of them, what each would change, and each as a file to keep or to edit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Response
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assist.models.account import Role
from assist.services import releases, simulation
from assist.services.quality import Figure
from assist.services.releases import SHIPPED, Listed, UnknownRelease
from assist.services.simulation import Simulated
from assist.services.views import Price
from assist.store import releases as store
from assist.web.auth import get_caller, requires
from assist.web.console.area import MODEL_WATCHERS, OPS, blueprint, render
from assist.web.console.chart import Axis
from assist.web.context import current_desk
from assist.web.formats import price
from assist.web.language import page_language
from personas.archive import write_archive
from personas.content import InvalidContent
from personas.release import Release, find_differences
from personas.review import Objection, review

SHOWN = 12
"""Signs of a digest."""
MOST_DIFFERENCES = 200
WHOLE = Axis(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
"""For shares."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a release, held against the one in force; empty where a release cannot be read any more."""

    readable: bool = False
    objections: tuple[Objection, ...] = ()
    differences: tuple[tuple[str, object, object], ...] = ()
    """Place, in force, here."""

    @property
    def blocking(self) -> int:
        return sum(each.blocks for each in self.objections)


@blueprint.get("/releases")
@requires(*MODEL_WATCHERS)
def list_releases() -> str:
    return render_list()


@blueprint.get("/releases/<name>")
@requires(*MODEL_WATCHERS)
def show_release(name: str) -> str:
    desk, roles = current_desk(), get_caller().user.roles
    now = desk.clock.now()
    with desk.database.reading() as session:
        listed = releases.list_all(session, now)
        found = next((one for one in listed if one.digest == name), None)
        if found is None:
            raise NotFound
        content = _read_content(session, found, now)
        made = _find_simulation(session, name)
        against = releases.find_digest_in_force(session, now)
        asked_at = store.find_asked(session, name)
    return render(
        "release",
        release=found,
        content=content,
        most=MOST_DIFFERENCES,
        made=made,
        timely=made is not None and made.against == against,
        asked_at=asked_at,
        axis=WHOLE,
        language=page_language(),
        may_edit=bool(roles & set(OPS)),
        may_approve=Role.OPS_APPROVER in roles,
        is_own=found.importer_id == get_caller().user.id,
    )


@blueprint.get("/releases/<name>.zip")
@requires(*MODEL_WATCHERS)
def send_release(name: str) -> Response:
    try:
        with current_desk().database.reading() as session:
            found = releases.load(session, name)
    except (UnknownRelease, InvalidContent) as error:
        raise NotFound from error
    headers = {"Content-Disposition": f"attachment; filename=release-{found.digest[:SHOWN]}.zip"}
    return Response(write_archive(found), mimetype="application/zip", headers=headers)


def render_list(error: InvalidContent | None = None) -> str:
    """Also after a file that was no release."""
    desk, roles = current_desk(), get_caller().user.roles
    now = desk.clock.now()
    with desk.database.reading() as session:
        listed, steps = releases.list_all(session, now), releases.list_steps(session)
    return render(
        "releases",
        releases=listed,
        steps=steps,
        now=now,
        error=error,
        may_edit=bool(roles & set(OPS)),
        may_approve=Role.OPS_APPROVER in roles,
    )


@blueprint.app_template_filter()
def short_digest(digest: str) -> str:
    return digest if digest == SHIPPED else digest[:SHOWN]


@blueprint.app_template_filter()
def money(amount: str, currency: str) -> str:
    """Of a report; where nobody knows the currency, the bare number."""
    known = len(currency) == 3 and currency.isalpha()
    return price(Price(Decimal(amount), currency)) if known else amount


@blueprint.app_template_filter()
def share_figure(share: Mapping[str, Any] | None) -> Figure | None:
    """None for a share of nothing."""
    if not share or share["share"] is None:
        return None
    return Figure(share["share"], share["low"], share["high"])


@blueprint.app_template_filter()
def width(count: float, most: float) -> str:
    """Of a bar: `37.50%`."""
    return f"{100 * count / most:.2f}%" if most else "0%"


def _read_content(session: Session, found: Listed, now: datetime) -> Content:
    try:
        here = releases.load(session, found.digest)
        in_force = releases.load(session, releases.find_current(session, now))
    except InvalidContent:
        return Content()
    return Content(
        readable=True,
        objections=review(here.catalogue, now.date()),
        differences=_compare(in_force, here),
    )


def _compare(before: Release, after: Release) -> tuple[tuple[str, object, object], ...]:
    return tuple((place, one, two) for place, (one, two) in find_differences(before, after).items())


def _find_simulation(session: Session, name: str) -> Simulated | None:
    try:
        return simulation.find_latest(session, name)
    except InvalidContent:
        return None
