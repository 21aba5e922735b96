"""The facts that conditions may ask about, for whoever writes one."""

from collections.abc import Iterator

from flask import Response, jsonify

from assist.services.assortment import list_slugs
from assist.web.auth import requires
from assist.web.console.area import OPS, blueprint
from assist.web.context import current_desk
from assist.web.language import page_language
from personas.conditions import Operator
from personas.fact import Fact
from personas.facts import FACTS
from personas.grammar import PHRASES
from personas.parse import OPERATORS
from personas.wording import shipped_labels


@blueprint.get("/facts.json")
@requires(*OPS)
def list_facts() -> Response:
    with current_desk().database.reading() as session:
        categories, families = list_slugs(session)
    members = {"category": categories, "family": families}
    facts = [one for fact in FACTS for one in _written(fact, categories)]
    return jsonify(facts=facts, members=members)


def _written(fact: Fact, categories: list[str]) -> Iterator[dict[str, object]]:
    """A pattern once per category where it is one of categories."""
    language = page_language()
    label = shipped_labels().facts.get(fact.name)
    name = label.name.into(language) if label else fact.description
    base = {"type": str(fact.type), "operators": _phrases(fact), "values": list(fact.values)}
    if not fact.is_pattern:
        yield {"name": fact.name, "label": name.replace("{subject}", "…"), **base}
        return
    stem = fact.name.removesuffix("*")
    for slug in categories if stem.startswith("category.") else ():
        yield {"name": f"{stem}{slug}", "label": name.replace("{subject}", slug.replace("_", " ")), **base}


def _phrases(fact: Fact) -> list[str]:
    found = [PHRASES[one] for one in Operator if one in OPERATORS[fact.type]]
    return [*found, "is unknown"]
