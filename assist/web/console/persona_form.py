"""The form of a persona."""

from collections.abc import Collection

from flask_babel import lazy_gettext as _l

from assist.web.forms.fields import (
    Choice,
    Day,
    Field,
    Figure,
    Group,
    InLanguages,
    Raw,
    Rows,
    Sentence,
    Several,
)
from personas.languages import LANGUAGES, REGISTERS

REGISTER_NAMES = {"formal": _l("formal"), "neutral": _l("neutral"), "informal": _l("informal")}
LEVELS = (("low", _l("low")), ("medium", _l("medium")), ("high", _l("high")))
ROLES = (("evidence", _l("Evidence")), ("required", _l("Required")), ("disqualifier", _l("Rules it out")))


def persona_form(unlocked: Collection[str]) -> Field:
    return Group(fields=(*_criteria(unlocked), *_card()))


def _criteria(unlocked: Collection[str]) -> tuple[Field, ...]:
    criterion = Group(
        fields=(
            Sentence(name="if", label=_l("Criterion"), unlocked=unlocked),
            Figure(name="weight", label=_l("Weight, −5 to 5"), optional=True),
            Choice(name="role", label=_l("Role"), options=(("", _l("Evidence")), *ROLES[1:]), optional=True),
        )
    )
    return (
        Rows(
            name="criteria",
            label=_l("How we recognise them"),
            hint=_l("What is true adds its weight; what is unknown adds nothing and lowers what is known."),
            item=criterion,
            add=_l("Add a criterion"),
        ),
        Figure(name="threshold", label=_l("Matches from"), hint=_l("Share of the evidence, 0 to 1.")),
        Figure(
            name="minimum_coverage",
            label=_l("If so much of it is known"),
            hint=_l("Share of the weights, 0.5 to 1."),
        ),
    )


def _card() -> tuple[Field, ...]:
    return (
        InLanguages(name="name", label=_l("Name")),
        InLanguages(name="summary", label=_l("Summary"), rows=2),
        Rows(name="goals", label=_l("Goals"), item=InLanguages(label=_l("Goal")), add=_l("Add a goal")),
        Rows(name="pains", label=_l("Pains"), item=InLanguages(label=_l("Pain")), add=_l("Add a pain")),
        _conversation(),
        _selling(),
        InLanguages(name="evidence", label=_l("What it rests on"), rows=2),
        Day(name="review_on", label=_l("To be reviewed by")),
    )


def _conversation() -> Field:
    objection = Group(
        fields=(
            InLanguages(name="says", label=_l("They say")),
            InLanguages(name="answer", label=_l("Answer"), rows=2),
        )
    )
    return Group(
        name="conversation",
        label=_l("How to talk"),
        fields=(
            Choice(
                name="register",
                label=_l("Form of address"),
                options=tuple((one, REGISTER_NAMES[one]) for one in REGISTERS),
            ),
            Several(name="languages", label=_l("Languages"), hint=", ".join(LANGUAGES), rows=3),
            Several(name="channels", label=_l("Channels"), hint=_l("Preferred first."), rows=3),
            Rows(name="do", label=_l("Do"), item=InLanguages(label=_l("Do")), add=_l("Add what to do")),
            Rows(
                name="dont",
                label=_l("Don’t"),
                item=InLanguages(label=_l("Don’t")),
                add=_l("Add what to avoid"),
            ),
            Rows(
                name="objections",
                label=_l("Objections and answers"),
                item=objection,
                add=_l("Add an objection"),
            ),
        ),
    )


def _selling() -> Field:
    return Group(
        name="selling",
        label=_l("How to sell"),
        fields=(
            Choice(name="price_sensitivity", label=_l("Price sensitivity"), options=LEVELS),
            Figure(
                name="concession_ceiling", label=_l("Concession at most"), hint=_l("Percent of the price.")
            ),
            Raw(
                name="affinities",
                label=_l("Takes to a category more or less"),
                hint=_l("A category and a factor from 0.5 to 2 per line, as phones: 1.5"),
                rows=5,
            ),
        ),
    )
