"""What is in the way of a product, as an agent reads it. Codes are translated at the border; the words of rules and
facts are in the agent's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, datetime

from personas.candidates import Removal
from personas.conditions import Reason, Truth, compare
from personas.facts import FactValue
from personas.misses import Change
from personas.rules import Rules
from personas.rulings import PREFIX, code_of
from personas.sentence import write_condition
from personas.whynot import Obstacle
from personas.wording import explain

WAITING = frozenset({"suppressed", "category_snoozed"})


@dataclass(frozen=True, slots=True)
class ClauseView:
    text: str
    """As it is written in the rule: `order.count at least 3`."""
    found: str
    needed: str
    """Empty: any other value."""


@dataclass(frozen=True, slots=True)
class ObstacleView:
    stage: str
    code: str
    """One of ours, or `rule`."""
    actual: str
    wanted: str
    """The value that would have let it pass; as it was logged, in words for no particular reader."""
    rule: str = ""
    """The key of a rule of people's."""
    reason: str = ""
    """That rule's; empty where the rule is no longer what it was."""
    clause: str = ""
    """Of that rule, as it was logged."""
    clauses: tuple[ClauseView, ...] = ()
    """The least that would have to be otherwise; empty where no value would do, or where only the log is left."""
    until: datetime | None = None
    """When it ends by itself."""


def view_obstacle(obstacle: Obstacle, language: str) -> ObstacleView:
    rules = (obstacle.rule,) if obstacle.rule else ()
    clauses = tuple(dict.fromkeys(_view_change(change, language) for change in obstacle.changes))
    return _view(obstacle.removal, rules, clauses, language)


def view_logged(logged: Mapping[str, str], rules: Rules, language: str) -> ObstacleView:
    """`rules`: those that the decision rested on, if they are at hand."""
    return _view(Removal(**logged), rules, (), language)  # type: ignore[arg-type]  # a stage is a word in the log


def _view(removal: Removal, rules: Rules, clauses: tuple[ClauseView, ...], language: str) -> ObstacleView:
    people = removal.rule.startswith(PREFIX)
    rule = next((each for each in rules if code_of(each) == removal.rule), None)
    return ObstacleView(
        stage=str(removal.stage),
        code="rule" if people else removal.rule,
        actual=removal.actual,
        wanted=removal.wanted,
        rule=removal.rule.removeprefix(PREFIX) if people else "",
        reason=rule.reason.into(language) if rule else "",
        clause=removal.clause,
        clauses=clauses,
        until=_read_end(removal.wanted) if removal.rule in WAITING else None,
    )


def _view_change(change: Change, language: str) -> ClauseView:
    needed = "" if change.needed == "" else _tell(change, change.needed, language)
    return ClauseView(write_condition(change.clause), _tell(change, change.actual, language), needed)


def _tell(change: Change, value: FactValue | None, language: str) -> str:
    clause = change.clause
    truth = Truth.UNKNOWN if value is None else compare(clause, value)
    return explain(Reason(clause.fact, clause.operator, clause.wanted, value, truth), language)


def _read_end(text: str) -> datetime | None:
    """None for what holds until somebody takes it back."""
    end = datetime.fromisoformat(text)
    return None if end.year == MAXYEAR else end
