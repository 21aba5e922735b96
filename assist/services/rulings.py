"""What people's rules say about one customer now; nothing is computed where there are none."""

from assist.services.desk import Desk
from assist.services.facts import Dossier, know
from assist.services.views import Gate
from personas.facts import FactSet
from personas.rules import Rules
from personas.rulings import UNRULED, Ruling, judge

RULE = "rule"


def judge_dossier(desk: Desk, dossier: Dossier, rules: Rules, facts: FactSet | None = None) -> Ruling:
    """`facts` where they are known already."""
    if not rules:
        return UNRULED
    return judge(rules, know(desk, dossier) if facts is None else facts, dossier.now.date())


def find_ruled_gate(ruling: Ruling, language: str) -> Gate | None:
    return Gate(RULE, ruling.gate.reason.into(language)) if ruling.gate else None
