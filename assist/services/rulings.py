"""What people's rules say about one customer now; nothing is computed where there are none."""

from assist.services.desk import Desk
from assist.services.facts import Dossier, count_down, know
from assist.services.views import Gate
from personas.catalogue import Catalogue
from personas.facts import FactSet
from personas.rulings import UNRULED, Ruling, judge

RULE = "rule"


def judge_dossier(desk: Desk, dossier: Dossier, catalogue: Catalogue, facts: FactSet | None = None) -> Ruling:
    """`facts` where they are known already, with the days of the calendar."""
    if not catalogue.rules:
        return UNRULED
    if facts is None:
        facts = count_down(know(desk, dossier), catalogue.counted, dossier)
    return judge(catalogue.rules, facts, dossier.now.date())


def find_ruled_gate(ruling: Ruling, language: str) -> Gate | None:
    return Gate(RULE, ruling.gate.reason.into(language)) if ruling.gate else None
