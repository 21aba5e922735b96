"""What an agent may do with a suggestion: the same under each, whoever the customer is."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from assist.services.brief import SHOWN
from assist.web.declines import list_menu
from personas.policies import Policies


@dataclass(frozen=True, slots=True)
class Controls:
    said: Markup
    """What became of a suggestion; the page shows the one that is true."""
    acts: Mapping[int, Markup]
    """By position in the list."""


_written: dict[str, tuple[Policies, Controls]] = {}


def write_controls(policies: Policies, language: str) -> Controls:
    """Written once for each language, and anew for other policies: agents wait for what is around them."""
    known = _written.get(language)
    if known is None or known[0] is not policies:
        known = _written[language] = (policies, _write(policies, language))
    return known[1]


def _write(policies: Policies, language: str) -> Controls:
    reasons = list_menu(policies, language)
    return Controls(
        said=_render("sidebar/said.html"),
        acts={
            position: _render("sidebar/acts.html", position=position, reasons=reasons)
            for position in range(1, SHOWN + 1)
        },
    )


def _render(template: str, **values: object) -> Markup:
    return Markup(render_template(template, **values))  # noqa: S704 - the template has escaped it
