"""How connections stand, and what the outbox holds."""

from typing import Any

from werkzeug.exceptions import Conflict, NotFound

from assist.models.api_token import Scope
from assist.schemas.api.operations import (
    ConnectionsSchema,
    EntriesSchema,
    OutboxQuerySchema,
    ReplayedSchema,
)
from assist.schemas.api.parts import LARGEST_WHOLE
from assist.services import backlog, entries, status
from assist.services.api_tokens import Holder
from assist.services.entries import OutboxPage
from assist.store.outbox_search import OutboxFilter
from assist.web.api.area import Route, actor, serve
from assist.web.context import current_desk


@serve(Route("GET", "/connections", Scope.CONNECTIONS_READ, gives=ConnectionsSchema))
def list_connections(_holder: Holder) -> dict[str, Any]:
    """List connections

    With the state of each sync; settings and secrets are not told.
    """
    with current_desk().database.reading() as session:
        return {"connections": status.list_connections(session)}


@serve(Route("GET", "/outbox", Scope.OUTBOX_READ, query=OutboxQuerySchema, gives=EntriesSchema))
def list_outbox(_holder: Holder, query: dict[str, Any]) -> OutboxPage:
    """List writes to CRMs

    The newest first, a page at a time; customers are named by their CRM's reference only.
    """
    with current_desk().database.reading() as session:
        return entries.search_outbox(session, OutboxFilter(**query))


@serve(
    Route(
        "POST",
        f"/outbox/<int(min=1, max={LARGEST_WHOLE}):entry_id>/replay",
        Scope.OUTBOX_WRITE,
        gives=ReplayedSchema,
        fails=(404, 409),
    )
)
def replay_entry(holder: Holder, entry_id: int) -> dict[str, Any]:
    """Try a dead letter again

    Under the same key, so that nothing is written twice.
    """
    desk = current_desk()
    if not backlog.replay(desk, entry_id=entry_id, actor=actor(holder)):
        _explain_refusal(entry_id)
    return {"id": entry_id, "replayed": True}


def _explain_refusal(entry_id: int) -> None:
    with current_desk().database.reading() as session:
        try:
            entry = backlog.find_entry(session, entry_id)
        except backlog.UnknownEntry as error:
            raise NotFound(str(error)) from error
    raise Conflict(
        f"Entry {entry_id} is {entry.state}, and only dead letters of connections out of shadow mode are replayed."
    )
