"""How far a fact reaches into somebody's life, and which ones conditions must not rest on."""

from enum import StrEnum
from functools import lru_cache

from personas.fact import Source
from personas.facts import find_fact, slug


class Sensitivity(StrEnum):
    PLAIN = "plain"
    """Says nothing about anybody."""
    BEHAVIOUR = "behaviour"
    """What the customer did in the shop."""
    PERSONAL = "personal"
    """Who the customer is, and what they told us."""
    BARRED = "barred"
    """Conditions may rest on it only once an approver has unlocked it, with a reason."""


_SENSITIVITY = {
    Source.CLOCK: Sensitivity.PLAIN,
    Source.ORDERS: Sensitivity.BEHAVIOUR,
    Source.FIGURES: Sensitivity.BEHAVIOUR,
    Source.CART: Sensitivity.BEHAVIOUR,
    Source.CONVERSATION: Sensitivity.BEHAVIOUR,
}
"""All others are personal."""

# fmt: off - thirty-eight words on thirty-eight lines read worse
_BARRED = frozenset(
    {
        "age",
        "birth",
        "birthday",
        "birthdate",
        "dob",
        "gender",
        "sex",
        "income",
        "salary",
        "wage",
        "health",
        "illness",
        "diagnosis",
        "disability",
        "pregnant",
        "religion",
        "ethnicity",
        "race",
        "politics",
        "edad",
        "nacimiento",
        "genero",
        "sexo",
        "ingresos",
        "salario",
        "salud",
        "discapacidad",
        "embarazo",
        "etnia",
        "raza",
        "politica",
        "idade",
        "nascimento",
        "renda",
        "saude",
        "deficiencia",
        "gravidez",
        "religiao",
        "raca",
    }
)
# fmt: on
"""Words in a CRM field's name, in the three languages, that conditions must not rest on."""


@lru_cache(4096)
def is_barred(name: str) -> bool:
    """Whether the fact speaks of age, gender, income, health and the like."""
    return not _BARRED.isdisjoint(slug(name.rpartition(".")[2]).split("_"))


def find_sensitivity(name: str) -> Sensitivity:
    """Of a declared fact, a pattern's own name included. Raises ValueError for any other."""
    fact = find_fact(name.replace("*", "any"))
    if fact is None:
        raise ValueError(f"{name} is not declared in personas.facts.FACTS")
    return Sensitivity.BARRED if is_barred(name) else _SENSITIVITY.get(fact.source, Sensitivity.PERSONAL)
