"""Rules by stage, and the form of each with its tests beside it."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assist.services import crowd, drafts
from assist.web.auth import requires
from assist.web.console.area import MODEL_WATCHERS, OPS, blueprint
from assist.web.console.content import Source, find_objections, open_source, today
from assist.web.console.drafts import render_draft
from assist.web.console.editing import (
    Answer,
    Page,
    Part,
    answer,
    current_actor,
    open_draft,
    render_part,
    seen_of,
)
from assist.web.console.rule_form import STAGE_NAMES, rule_form
from assist.web.context import current_crowd, current_desk
from assist.web.criteria import say_condition
from assist.web.forms.fields import MISSING
from assist.web.forms.form import Form
from assist.web.language import page_language
from personas.release import Release
from personas.review import review
from personas.rules import Rule, RuleStage

FILE = "rules.yaml"
NEW = "new"


@blueprint.get("/rules")
@requires(*MODEL_WATCHERS)
def list_rules() -> str:
    return _list(open_source())


@blueprint.get("/drafts/<int:draft>/rules")
@requires(*OPS)
def list_draft_rules(draft: int) -> str:
    return _list(open_source(draft))


@blueprint.route("/drafts/<int:draft>/rules/new/<stage>", methods=["GET", "POST"])
@requires(*OPS)
def write_rule(draft: int, stage: str) -> Answer:
    if stage not in list(RuleStage):
        raise NotFound
    return _edit(draft, RuleStage(stage), None)


@blueprint.route("/drafts/<int:draft>/rules/<key>", methods=["GET", "POST"])
@requires(*OPS)
def edit_rule(draft: int, key: str) -> Answer:
    found = _find(open_draft(draft).release, key)
    if found is None:
        raise NotFound
    return _edit(draft, found.stage, key)


@blueprint.post("/drafts/<int:draft>/rules/<key>/remove")
@requires(*OPS)
def remove_rule(draft: int, key: str) -> Response:
    open_draft(draft)

    def alter(document: dict[str, Any]) -> None:
        document[FILE]["rules"] = [one for one in document[FILE]["rules"] if one["key"] != key]

    drafts.change(current_desk(), draft, alter, place=f"{FILE}: {key}", actor=current_actor())
    flash(_("It is gone from the draft."))
    return redirect(url_for("console.list_draft_rules", draft=draft))


def _list(source: Source) -> str:
    rules = source.catalogue.rules
    faults: dict[str, list[object]] = {}
    for one in review(source.catalogue, today()):
        if one.place.startswith(f"{FILE}: "):
            faults.setdefault(one.place.removeprefix(f"{FILE}: ").split(".")[0].split(":")[0], []).append(one)
    return source.render(
        "rules",
        "rules",
        stages=[(stage, STAGE_NAMES[stage], [r for r in rules if r.stage is stage]) for stage in RuleStage],
        conditions={r.key: say_condition(r.condition, page_language()) for r in rules if r.condition},
        faults=faults,
        today=today(),
    )


def _edit(draft: int, stage: RuleStage, key: str | None) -> Answer:
    opened = open_draft(draft)
    part = _part(opened.release, stage, key)

    def show(form: Form, release: Release) -> str:
        return render_draft(
            "draft_rule",
            opened,
            form=form,
            key=key,
            stage=STAGE_NAMES[stage],
            seen=seen_of(part, release),
            look=look(release) if key else "",
        )

    def look(release: Release) -> Markup:
        named = key or str(release.document[FILE]["rules"][-1]["key"])
        return _look(release, named)

    after = url_for("console.list_draft_rules", draft=draft)
    return answer(opened, part, Page(show, look, after))


def _part(release: Release, stage: RuleStage, key: str | None) -> Part:
    def get(document: Mapping[str, Any]) -> Any:
        return next((one for one in _rules(document) if one["key"] == key), MISSING) if key else MISSING

    def put(document: dict[str, Any], raw: Any) -> None:
        rules = document.setdefault(FILE, {"rules": []}).setdefault("rules", [])
        if key is None:
            rules.append({"key": raw.pop("key", ""), "stage": str(stage), **raw})
        else:
            rules[[one["key"] for one in rules].index(key)] = raw

    number = next((n for n, one in enumerate(_rules(release.document)) if one["key"] == key), None)
    place = len(_rules(release.document)) if number is None else number
    unlocked = frozenset(release.catalogue.policies.unlocked)
    top = rule_form(stage, unlocked, is_new=key is None)
    return Part(f"{FILE}: {key or NEW}", top, get, put, prefix=f"rules[{place}]")


def _rules(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document.get(FILE, {}).get("rules", [])
    return found


def _find(release: Release, key: str) -> Rule | None:
    return next((one for one in release.catalogue.rules if one.key == key), None)


def _look(release: Release, key: str) -> Markup:
    """For how many customers its condition holds, and what is to be said against it."""
    rule, found = _find(release, key), current_crowd()
    return render_part(
        "rule_look",
        crowd=found,
        verdicts=crowd.judge(found, rule.condition) if rule and rule.condition else None,
        clause=say_condition(rule.condition, page_language()) if rule and rule.condition else None,
        objections=find_objections(release.catalogue, f"{FILE}: {key}"),
        tests=len(rule.tests) if rule else 0,
    )
