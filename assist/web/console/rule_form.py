"""The form of a rule, which is as its stage wants it."""

from collections.abc import Collection

from flask_babel import lazy_gettext as _l

from assist.web.forms.fields import (
    Choice,
    Day,
    Field,
    Figure,
    Group,
    InLanguages,
    Line,
    Raw,
    Rows,
    Sentence,
    Several,
)
from personas.candidates import KINDS
from personas.rules import RuleStage

STAGE_NAMES = {
    RuleStage.ELIGIBILITY: _l("Eligibility"),
    RuleStage.APPLICABILITY: _l("Applicability"),
    RuleStage.SUITABILITY: _l("Suitability"),
    RuleStage.BOOST: _l("Boosts"),
    RuleStage.PIN: _l("Pins"),
    RuleStage.CAP: _l("Caps"),
    RuleStage.GATE: _l("Gates"),
    RuleStage.MESSAGE: _l("Messages"),
}
DENYING = frozenset({RuleStage.ELIGIBILITY, RuleStage.APPLICABILITY, RuleStage.SUITABILITY})
VERBS = {
    **dict.fromkeys(DENYING, (("deny", _l("deny it")), ("require", _l("require it")))),
    RuleStage.PIN: (
        ("first", _l("first, if it is worth offering")),
        ("mandatory", _l("first, worth it or not")),
    ),
    RuleStage.GATE: (("close", _l("offer nothing, and say why")),),
}
EXPECTED = (("applies", _l("applies")), ("does_not_apply", _l("does not apply")), ("unknown", _l("unknown")))


def rule_form(stage: RuleStage, unlocked: Collection[str], *, is_new: bool) -> Field:
    fields: list[Field] = []
    if is_new:
        fields.append(
            Line(name="key", label=_l("Key"), hint=_l("Small letters, digits and _; it never changes."))
        )
    fields.append(_effect(stage))
    fields.append(
        Sentence(
            name="if", label=_l("If"), hint=_l("Empty: for everybody."), unlocked=unlocked, optional=True
        )
    )
    if stage is not RuleStage.GATE:
        fields.append(_scope())
    fields += [
        Figure(
            name="priority", label=_l("Priority"), hint=_l("0 to 1000; higher goes first."), optional=True
        ),
        Day(name="from", label=_l("From"), optional=True),
        Day(name="to", label=_l("Last day"), optional=True),
        InLanguages(name="reason", label=_l("Reason"), rows=2),
        Line(name="owner", label=_l("Owner")),
        _tests(),
    ]
    return Group(fields=tuple(fields))


def _effect(stage: RuleStage) -> Field:
    if stage in VERBS:
        return Choice(name="effect", label=_l("What it does"), options=VERBS[stage])
    inner: Field
    if stage is RuleStage.BOOST:
        inner = Figure(name="factor", label=_l("Factor"), hint=_l("0.5 to 2; below 1 it holds back."))
    elif stage is RuleStage.CAP:
        inner = Figure(name="most", label=_l("At most in one list"), hint=_l("1 or 2"))
    else:
        inner = InLanguages(name="says", label=_l("The agent is told"), rows=2)
    return Group(name="effect", fields=(inner,))


def _scope() -> Field:
    return Group(
        name="scope",
        label=_l("For which products; all lists empty: for all"),
        optional=True,
        fields=(
            Several(name="products", label=_l("Products"), hint=_l("SKUs, one per line."), optional=True),
            Several(
                name="categories", label=_l("Categories"), hint=_l("As screen_protectors."), optional=True
            ),
            Several(name="kinds", label=_l("Kinds"), hint=", ".join(KINDS), optional=True),
        ),
    )


def _tests() -> Field:
    test = Group(
        fields=(
            Raw(name="given", label=_l("Given"), hint=_l("A fact per line, as order.count_12m: 3"), rows=2),
            Choice(name="expect", label=_l("The condition"), options=EXPECTED),
        )
    )
    return Rows(
        name="tests",
        label=_l("Tests"),
        hint=_l("A test that fails keeps the release out of force."),
        item=test,
        add=_l("Add a test"),
        optional=True,
    )
