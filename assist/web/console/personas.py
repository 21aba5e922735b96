"""Personas as cards to read and to print: how to talk to a kind of customer, and what shows it."""

from werkzeug.exceptions import NotFound

from assist.services import crowd
from assist.web.auth import get_caller, requires
from assist.web.console.area import MODEL_WATCHERS, OPS, blueprint, render
from assist.web.context import current_crowd, current_desk
from assist.web.criteria import say_condition
from assist.web.language import page_language


@blueprint.get("/personas")
@requires()
def list_personas() -> str:
    desk, roles = current_desk(), get_caller().user.roles
    personas, watches = desk.personas.personas, bool(roles & set(MODEL_WATCHERS))
    return render(
        "personas",
        personas=personas,
        language=page_language(),
        today=desk.clock.now().date(),
        crowd=current_crowd() if watches else None,
        overlap=crowd.overlap(current_crowd(), personas) if watches else None,
        may_edit=bool(roles & set(OPS)),
    )


@blueprint.get("/personas/<key>")
@requires()
def show_persona(key: str) -> str:
    desk = current_desk()
    found = next((persona for persona in desk.personas.personas if persona.key == key), None)
    if found is None:
        raise NotFound
    language = page_language()
    criteria = [(criterion, say_condition(criterion.condition, language)) for criterion in found.criteria]
    today = desk.clock.now().date()
    return render("persona", persona=found, criteria=criteria, language=language, today=today)
