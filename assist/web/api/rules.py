"""Releases: listed, exported and imported, approved, put in force and taken back."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response
from werkzeug.exceptions import Conflict, NotFound

from assist.models.api_token import Scope
from assist.schemas.api.rules import (
    ActivateSchema,
    DigestSchema,
    ImportedSchema,
    NewReleaseSchema,
    ReleaseSchema,
    ReleasesSchema,
    SimulationSchema,
    WhySchema,
)
from assist.services import releases, simulation
from assist.services.api_tokens import Holder
from assist.services.releases import SHIPPED, ReleaseError, UnknownRelease
from assist.services.simulation import Simulated
from assist.web.api.area import Route, actor, serve
from assist.web.context import current_desk
from assist.web.errors import FieldsRefused
from personas.content import InvalidContent
from personas.release import Release

NAME = "^([0-9a-f]{4,64}|shipped)$"
DIGEST = re.compile(r"[0-9a-f]{4,64}")


@serve(Route("GET", "/releases", Scope.RULES_READ, gives=ReleasesSchema))
def list_releases(_holder: Holder) -> dict[str, Any]:
    """List releases

    The latest first, what ships with the product last.
    """
    desk = current_desk()
    with desk.database.reading() as session:
        return {"releases": releases.list_all(session, desk.clock.now())}


@serve(
    Route(
        "POST",
        "/releases",
        Scope.RULES_WRITE,
        takes=NewReleaseSchema,
        gives=ImportedSchema,
        status=201,
        also=(200,),
        fails=(422,),
    )
)
def import_release(holder: Holder, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Import a release

    The document as an export gives it. Nothing changes for anybody until it is activated.
    """
    try:
        release = Release.of(body["document"])
    except InvalidContent as error:
        raise FieldsRefused({"document": [str(error)]}) from error
    except RecursionError as error:
        raise FieldsRefused({"document": ["It is nested too deeply."]}) from error
    new = releases.bring_in(current_desk(), release, note=body["note"], actor=actor(holder))
    return {"digest": release.digest, "new": new}, 201 if new else 200


@serve(
    Route("GET", "/releases/<name>", Scope.RULES_READ, gives=ReleaseSchema, fails=(404,), path_pattern=NAME)
)
def export_release(_holder: Holder, name: str) -> Response:
    """Export a release

    By its digest, the first four signs of it or more, or `shipped`.
    """
    with _explained(name), current_desk().database.reading() as session:
        release = releases.load(session, name)
    # The order of fields counts, and Flask's own way of writing JSON sorts them.
    text = json.dumps({"digest": release.digest, "document": release.document}, ensure_ascii=False)
    return Response(text, content_type="application/json")


@serve(
    Route(
        "GET",
        "/releases/<name>/simulation",
        Scope.RULES_READ,
        gives=SimulationSchema,
        fails=(404,),
        path_pattern=NAME,
    )
)
def show_simulation(_holder: Holder, name: str) -> Simulated:
    """Show what a release would change

    The report of its last simulation; `assist rules simulate` makes one.
    """
    with _explained(name), current_desk().database.reading() as session:
        made = simulation.find_latest(session, name)
    if made is None:
        raise NotFound("It was not simulated yet.")
    return made


@serve(
    Route(
        "POST",
        "/releases/<name>/approve",
        Scope.RULES_APPROVE,
        gives=DigestSchema,
        fails=(404, 409),
        path_pattern=NAME,
    )
)
def approve_release(holder: Holder, name: str) -> dict[str, str]:
    """Approve a release

    By somebody who did not import it, after it was simulated against what is in force.
    """
    with _explained(name):
        return {"digest": releases.approve(current_desk(), name, actor=actor(holder))}


@serve(
    Route(
        "POST",
        "/releases/<name>/activate",
        Scope.RULES_APPROVE,
        takes=ActivateSchema,
        gives=DigestSchema,
        fails=(404, 409, 422),
        path_pattern=NAME,
    )
)
def activate_release(holder: Holder, body: dict[str, Any], name: str) -> dict[str, str]:
    """Put a release in force

    Now, or from a moment on.
    """
    begins_at = body.get("begins_at")
    with _explained(name):
        digest = releases.activate(
            current_desk(), name, begins_at=begins_at, why=body["why"], actor=actor(holder)
        )
    return {"digest": digest}


@serve(
    Route(
        "POST",
        "/releases/roll-back",
        Scope.RULES_APPROVE,
        takes=WhySchema,
        gives=DigestSchema,
        fails=(409, 422),
    )
)
def roll_back(holder: Holder, body: dict[str, Any]) -> dict[str, str | None]:
    """Go back to the release before

    Twice in a row leads two releases back.
    """
    with _explained(SHIPPED):
        return {"digest": releases.roll_back(current_desk(), why=body["why"], actor=actor(holder))}


@contextmanager
def _explained(name: str) -> Iterator[None]:
    if name != SHIPPED and not DIGEST.fullmatch(name):
        raise NotFound("A release is named by four or more signs of its digest, or `shipped`.")
    try:
        yield
    except UnknownRelease as error:
        raise NotFound(str(error)) from error
    except ReleaseError as error:
        raise Conflict(str(error)) from error
