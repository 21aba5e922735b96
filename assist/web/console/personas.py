"""Personas as cards to read and to print: how to talk to a kind of customer, and what shows it."""

from werkzeug.exceptions import NotFound

from assist.web.auth import requires
from assist.web.console.area import blueprint, render
from assist.web.context import current_desk
from assist.web.criteria import say_condition
from assist.web.language import page_language


@blueprint.get("/personas")
@requires()
def list_personas() -> str:
    return render("personas", personas=current_desk().personas.personas, language=page_language())


@blueprint.get("/personas/<key>")
@requires()
def show_persona(key: str) -> str:
    found = next((persona for persona in current_desk().personas.personas if persona.key == key), None)
    if found is None:
        raise NotFound
    language = page_language()
    criteria = [(criterion, say_condition(criterion.condition, language)) for criterion in found.criteria]
    return render("persona", persona=found, criteria=criteria, language=language)
