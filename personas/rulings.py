"""What the rules in force say about one customer, before any candidate is looked at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import inf, prod
from typing import NamedTuple

from personas.candidates import Candidate, Removal, Stage
from personas.conditions import Truth, evaluate
from personas.facts import FactSet
from personas.misses import Miss, nearest_miss
from personas.rules import Boost, Cap, Message, Pool, Rule, RuleStage, Verb
from personas.shortfalls import find_shortfall, let_pass

PREFIX = "rule:"
"""Before the key of a rule that people wrote, where it stands beside our own codes."""
DENIES_UNKNOWN = frozenset({RuleStage.ELIGIBILITY, RuleStage.SUITABILITY})
"""Stages where what cannot be decided is denied; in all others such a rule does not apply."""


class Refusal(NamedTuple):
    """A rule that takes out what its scope covers, and what it found."""

    rule: Rule
    facts: FactSet

    def of(self, pool: Pool) -> list[Removal]:
        """How far the facts fell short is worked out once, and only where there is something to take out."""
        covered = pool.within(self.rule.scope)
        if not covered:
            return []
        stage, (clause, actual, wanted) = Stage(self.rule.stage.value), self._explain()
        return [Removal(stage, code_of(self.rule), each.product, actual, wanted, clause) for each in covered]

    def miss(self) -> Miss | None:
        """The least that would have to be otherwise for the rule to let its scope pass; None where nothing would do."""
        if self.rule.condition is None:
            return None
        return nearest_miss(let_pass(self.rule.condition, denying(self.rule)), self.facts)

    def _explain(self) -> tuple[str, str, str]:
        """The clause, the actual value, and the one that would have let it pass."""
        if self.rule.condition is None:
            return "", "in force", "not in force"
        return find_shortfall(self.rule.condition, self.facts, denying(self.rule))


@dataclass(frozen=True, slots=True)
class Ruling:
    """Each part in the order of precedence: priority, then narrower scope, then later start."""

    refusals: tuple[Refusal, ...] = ()
    gate: Rule | None = None
    """Why nothing is offered."""
    boosts: tuple[tuple[Rule, Boost], ...] = ()
    pins: tuple[Rule, ...] = ()
    """Mandatory ones first."""
    caps: tuple[tuple[Rule, Cap], ...] = ()
    messages: tuple[tuple[Rule, Message], ...] = ()

    def refuse(self, candidates: Sequence[Candidate]) -> Mapping[str, Sequence[Removal]]:
        """By SKU, every removal of those that fall."""
        refused: dict[str, list[Removal]] = {}
        pool = Pool(candidates)
        for refusal in self.refusals:
            for removal in refusal.of(pool):
                refused.setdefault(removal.product, []).append(removal)
        return refused

    def lift(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """With all boosts in their levers, which weighing keeps within bounds."""
        return [self._lifted(each) for each in candidates] if self.boosts else candidates

    def _lifted(self, candidate: Candidate) -> Candidate:
        factors = [boost.factor for rule, boost in self.boosts if rule.scope.covers(candidate)]
        return candidate._replace(lever=candidate.lever * float(prod(factors, start=Decimal(1))))

    def lifting(self, candidate: Candidate) -> tuple[Rule, ...]:
        """Whose boosts and pins move it."""
        rules = (*(rule for rule, _ in self.boosts), *self.pins)
        return tuple(rule for rule in rules if rule.scope.covers(candidate))

    def is_mandatory(self, candidate: Candidate) -> bool:
        return any(pin.effect is Verb.MANDATORY and pin.scope.covers(candidate) for pin in self.pins)

    def place(self, candidate: Candidate) -> int:
        """0 for the first pin's, and so on; what is not pinned comes after all pins."""
        places = (place for place, pin in enumerate(self.pins) if pin.scope.covers(candidate))
        return next(places, len(self.pins))

    def hold_back(self, candidate: Candidate, chosen: Sequence[Candidate]) -> Removal | None:
        """Where as many of a cap's scope as it allows are chosen already."""
        for rule, cap in self.caps:
            taken = sum(rule.scope.covers(each) for each in chosen)
            if taken >= cap.most and rule.scope.covers(candidate):
                clause, wanted = f"at most {cap.most}", f"below {cap.most}"
                return Removal(Stage.SLOTS, code_of(rule), candidate.product, str(taken), wanted, clause)
        return None

    def say(self, language: str) -> tuple[str, ...]:
        """What the agent is told whatever is offered."""
        return tuple(message.says.into(language) for rule, message in self.messages if not rule.scope)

    def say_about(self, candidate: Candidate, language: str) -> tuple[str, ...]:
        """What the agent is told with this one."""
        said = (each for each in self.messages if each[0].scope and each[0].scope.covers(candidate))
        return tuple(message.says.into(language) for _, message in said)


UNRULED = Ruling()


def code_of(rule: Rule) -> str:
    """What a removal names a rule by."""
    return f"{PREFIX}{rule.key}"


def judge(rules: Iterable[Rule], facts: FactSet, today: date) -> Ruling:
    """The order of `rules` makes no difference."""
    in_force = sorted((rule for rule in rules if rule.is_in_force(today)), key=precedence)
    if not in_force:
        return UNRULED
    found = [(rule, _truth(rule, facts)) for rule in in_force]
    applied = [rule for rule, truth in found if truth is Truth.YES]
    pins = (rule for rule in applied if rule.stage is RuleStage.PIN)
    return Ruling(
        refusals=tuple(Refusal(rule, facts) for rule, truth in found if truth in denying(rule)),
        gate=next((rule for rule in applied if rule.stage is RuleStage.GATE), None),
        boosts=tuple((rule, rule.effect) for rule in applied if isinstance(rule.effect, Boost)),
        pins=tuple(sorted(pins, key=lambda rule: rule.effect is not Verb.MANDATORY)),
        caps=tuple((rule, rule.effect) for rule in applied if isinstance(rule.effect, Cap)),
        messages=tuple((rule, rule.effect) for rule in applied if isinstance(rule.effect, Message)),
    )


def precedence(rule: Rule) -> tuple[int, tuple[float, ...], int, str]:
    """Smallest first: higher priority, then narrower scope, then later start, then the key."""
    scope, start = rule.scope, rule.start or date.min
    width = tuple(len(members) or inf for members in (scope.products, scope.categories, scope.kinds))
    return -rule.priority, width, -start.toordinal(), rule.key


def denying(rule: Rule) -> frozenset[Truth]:
    """The truths of its condition with which a rule takes candidates out."""
    decided = _DENYING.get(rule.effect) if isinstance(rule.effect, Verb) else None
    if decided is None:
        return frozenset()
    return frozenset({decided, Truth.UNKNOWN} if rule.stage in DENIES_UNKNOWN else {decided})


_DENYING = {Verb.DENY: Truth.YES, Verb.REQUIRE: Truth.NO, Verb.CLOSE: Truth.YES}


def _truth(rule: Rule, facts: FactSet) -> Truth:
    return evaluate(rule.condition, facts).truth if rule.condition else Truth.YES
