"""Contact policies, decline reasons, consent and concession budgets."""

from collections.abc import Iterable

from flask import url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from assist.web.auth import requires
from assist.web.console.area import MODEL_WATCHERS, OPS, blueprint
from assist.web.console.content import open_source, part_in
from assist.web.console.editing import Answer, Page, answer, seen_of
from assist.web.forms.fields import Choice, Field, Figure, Group, InLanguages, Raw
from assist.web.forms.form import Form
from assist.web.language import page_language
from personas.policies import DeclineReason
from personas.release import Release

FILE = "policies.yaml"
STANCES = (
    ("until_objection", _l("offer until they object")),
    ("asked_only", _l("only what they ask about")),
    ("after_consent", _l("only once they agreed")),
)


@blueprint.get("/policies")
@requires(*MODEL_WATCHERS)
def show_policies() -> str:
    source = open_source()
    return source.render("policies", "policies", policies=source.catalogue.policies, stances=dict(STANCES))


@blueprint.route("/drafts/<int:draft>/policies", methods=["GET", "POST"])
@requires(*OPS)
def edit_policies(draft: int) -> Answer:
    source = open_source(draft)
    assert source.draft  # noqa: S101 - of a draft
    part = part_in(FILE, top=policies_form(source.catalogue.policies.decline_reasons, page_language()))

    def show(form: Form, release: Release) -> str:
        return source.render(
            "draft_part", "policies", form=form, heading=_l("Policies"), seen=seen_of(part, release)
        )

    page = Page(show, lambda _release: Markup(), url_for("console.edit_policies", draft=draft))
    return answer(source.draft, part, page)


def policies_form(reasons: Iterable[DeclineReason], language: str) -> Field:
    return Group(
        fields=(
            _contact(),
            _concessions(),
            _consent(),
            _declines(reasons, language),
            _weighing(),
            _unlocked(),
        )
    )


def _contact() -> Field:
    most = Figure(
        name="offers_in_30_days",
        label=_l("Offers to one customer in 30 days"),
        hint=_l("Over all agents and channels. Empty: as many as are worth their attention."),
        optional=True,
    )
    return Group(name="contact", label=_l("Contact"), optional=True, fields=(most,))


def _concessions() -> Field:
    return Raw(
        name="concessions",
        label=_l("What agents may give away"),
        hint=_l("Empty: nothing. Steps, margin_floor, roles with most, budget and days, customer, excluded."),
        rows=8,
        optional=True,
    )


def _consent() -> Field:
    stances = (
        Choice(name="existing", label=_l("Customers whose wish is not known"), options=STANCES),
        Choice(name="strangers", label=_l("Strangers"), options=STANCES),
    )
    countries = Raw(
        name="countries",
        label=_l("Countries that differ"),
        hint=_l("As DE: {existing: after_consent, strangers: asked_only}"),
        rows=3,
    )
    return Group(
        name="consent",
        label=_l("Consent; a known objection always stops"),
        fields=(Group(name="default", fields=stances), countries),
    )


def _declines(reasons: Iterable[DeclineReason], language: str) -> Field:
    return Group(
        name="decline_reasons",
        label=_l("What a no does"),
        fields=tuple(
            Group(name=reason.key, label=reason.name.into(language), fields=_decline()) for reason in reasons
        ),
    )


def _decline() -> tuple[Field, ...]:
    return (
        InLanguages(name="name", label=_l("Name")),
        Figure(name="negative", label=_l("Counts against the offer"), hint=_l("0 to 1")),
        Raw(name="effects", label=_l("Effects"), rows=3),
    )


def _weighing() -> Field:
    attention = Group(
        name="attention",
        label=_l("What one more offer costs in patience"),
        fields=(
            Raw(name="currencies", label=_l("By currency"), rows=4),
            Figure(name="other", label=_l("In any other currency")),
            Figure(name="per_recent_offer", label=_l("More per recent offer")),
            Figure(name="per_recent_decline", label=_l("More per recent no")),
        ),
    )
    return Group(
        name="arbitration",
        label=_l("Expected value"),
        fields=(
            Figure(name="prior", label=_l("Yes per offer, before anything was offered")),
            Figure(
                name="margin_rate", label=_l("Margin where a product’s own is not known"), hint=_l("0 to 1")
            ),
            attention,
        ),
    )


def _unlocked() -> Field:
    return Raw(
        name="unlocked",
        label=_l("Barred facts that conditions may ask all the same"),
        hint=_l("Each with its reason in all languages; whoever approves the release approves of it."),
        rows=2,
        optional=True,
    )
