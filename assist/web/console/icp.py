"""The ideal customer profile: its dimensions, how many customers each tier has, and who of them really bought."""

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from assist.services import crowd
from assist.services.backtest import backtest_icp
from assist.services.quality import Figure as Measured
from assist.web.auth import requires
from assist.web.console.area import MODEL_WATCHERS, OPS, blueprint
from assist.web.console.chart import axis_of
from assist.web.console.content import Source, open_source, part_in
from assist.web.console.editing import Answer, Page, answer, render_part, seen_of
from assist.web.context import current_crowd, current_desk
from assist.web.criteria import say_condition
from assist.web.forms.fields import Field, Figure, Group, InLanguages, Line, Rows, Sentence
from assist.web.forms.form import Form
from assist.web.language import page_language
from personas.backtest import Group as Tiered
from personas.icp import Icp
from personas.release import Release

FILE = "icp.yaml"
PERIODS = (30, 90, 180)
"""Days that may be held back."""
MOST = 5_000
"""Customers that are rated while somebody waits."""


@blueprint.get("/icp")
@requires(*MODEL_WATCHERS)
def show_icp() -> str:
    return _show(open_source())


@blueprint.route("/drafts/<int:draft>/icp", methods=["GET", "POST"])
@requires(*OPS)
def edit_icp(draft: int) -> Answer:
    source = open_source(draft)
    opened = source.draft
    assert opened  # noqa: S101 - of a draft
    part = part_in(FILE, top=icp_form(frozenset(source.catalogue.policies.unlocked)))

    def show(form: Form, release: Release) -> str:
        return source.render("draft_icp", "icp", form=form, seen=seen_of(part, release), look=look(release))

    def look(release: Release) -> Markup:
        return _look(current_desk().personas.icp, release.catalogue.icp)

    return answer(opened, part, Page(show, look, url_for("console.edit_icp", draft=draft)))


@blueprint.get("/drafts/<int:draft>/icp/backtest")
@requires(*OPS)
def backtest_draft(draft: int) -> str:
    return _show(open_source(draft))


def _show(source: Source) -> str:
    icp, days = source.catalogue.icp, request.args.get("days", type=int)
    found = backtest_icp(current_desk(), days=days, icp=icp, most=MOST) if days in PERIODS else None
    tiers = [(one, _measure(one)) for one in found.result.tiers] if found else []
    return source.render(
        "icp",
        "icp",
        icp=icp,
        criteria=_say(icp),
        disqualifiers=[say_condition(one, page_language()) for one in icp.disqualifiers],
        crowd=current_crowd(),
        counts=crowd.tiers(current_crowd(), icp),
        periods=PERIODS,
        days=days,
        found=found,
        tiers=tiers,
        axis=axis_of(measured for _tier, measured in tiers),
    )


def _measure(group: Tiered) -> Measured | None:
    if group.rate is None or group.interval is None:
        return None
    return Measured(group.rate, group.interval.low, group.interval.high)


def _say(icp: Icp) -> dict[str, list[tuple[object, int]]]:
    language = page_language()
    return {
        side.key: [(say_condition(one.condition, language), one.points) for one in side.criteria]
        for side in icp.dimensions
    }


def _look(before: Icp, after: Icp) -> Markup:
    found = current_crowd()
    return render_part(
        "icp_look",
        crowd=found,
        before=crowd.tiers(found, before),
        after=crowd.tiers(found, after),
        most=len(found.members),
    )


def icp_form(unlocked: frozenset[str]) -> Field:
    points = Group(
        fields=(
            Sentence(name="if", label=_l("Criterion"), unlocked=unlocked),
            Figure(name="points", label=_l("Points")),
        )
    )
    dimension = Group(
        fields=(
            Line(name="key", label=_l("Key")),
            Figure(name="most", label=_l("At most (points)")),
            InLanguages(name="name", label=_l("Name")),
            Rows(name="criteria", label=_l("Criteria"), item=points, add=_l("Add a criterion")),
        )
    )
    return Group(
        fields=(
            InLanguages(name="name", label=_l("Name"), rows=2),
            Rows(name="dimensions", label=_l("Dimensions"), item=dimension, add=_l("Add a dimension")),
            Rows(
                name="disqualifiers",
                label=_l("Never an ideal customer"),
                item=Sentence(label=_l("If"), unlocked=unlocked),
                add=_l("Add a disqualifier"),
                optional=True,
            ),
            Group(
                name="tiers",
                label=_l("From which share of all points"),
                fields=tuple(Figure(name=tier, label=tier) for tier in "ABC"),
            ),
            Figure(name="minimum_coverage", label=_l("If so much of it is known"), hint=_l("0 to 1")),
        )
    )
