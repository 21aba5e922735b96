"""Looks into what CRMs said has changed: customers by their ref, all else by a sync of its kind. A hint waits until
its CRM answers; what it led to is the same whether it is followed once or twice."""

from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from assist.models.connection import Connection, SyncState
from assist.services import patches
from assist.services.backoff import tell_cause, wait_after
from assist.services.connect import open_adapter
from assist.services.desk import Desk
from assist.services.lease import SyncRunning
from assist.services.patches import Patch
from assist.services.switchboard import Switch
from assist.services.sync import ShrunkenListingError, sync
from assist.store import webhooks as store
from assist.store.webhooks import Claim
from assist.vault import VaultError
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import (
    BadSettings,
    CRMError,
    Merged,
    NotFound,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.transport import Purpose

LEASE = timedelta(minutes=1)
"""For one record; a sync has a lease of its own. Looking twice does no harm."""
WHILE_SYNCING = timedelta(seconds=5)
PATIENCE = timedelta(days=3)
"""With a record that cannot be read while others can. A CRM that does not answer is waited for without end."""
MOST_MERGES = 5
"""One into the next."""
OF_ONE_RECORD = (ValidationFailed, VendorChanged, ShrunkenListingError)
"""After which the next record may still be looked at."""

log = structlog.get_logger(__name__)


def read_due(desk: Desk, *, limit: int = 1_000) -> int:
    """Look into what is due now, at most `limit` records or kinds, nothing while everything is switched off. How
    many were tried."""
    for tried in range(limit):
        if desk.switches.find(Switch.EVERYTHING):
            return tried
        with desk.database.writing(promised=False) as session:
            claim = store.claim(session, desk.clock.now(), lease=LEASE)
        if claim is None:
            return tried
        _follow(desk, claim)
    return limit


def _follow(desk: Desk, claim: Claim) -> None:
    with desk.database.reading() as session:
        connection = session.get_one(Connection, claim.connection_id)
    try:
        _look(desk, connection, claim)
    except SyncRunning:
        _put_off(desk, claim, WHILE_SYNCING)
    except OF_ONE_RECORD as error:
        _doubt(desk, connection, claim, error)
    except (CRMError, BadSettings, VaultError) as error:
        _pause(desk, connection, claim, error)
    else:
        _settle(desk, claim)


def _look(desk: Desk, connection: Connection, claim: Claim) -> None:
    adapter = open_adapter(desk, connection, Purpose.BACKGROUND)
    if claim.kind not in adapter.capabilities.kinds:
        return
    with desk.database.reading() as session:
        _require_mirror(session, claim)
    if claim.ref:
        _read_customer(desk, adapter, connection.id, claim.ref)
    else:
        sync(desk, connection.name, kinds={claim.kind})


def _require_mirror(session: Session, claim: Claim) -> None:
    """The first sync may take an hour, and is not to be begun from here, in the way of other hints."""
    state = session.get(SyncState, (claim.connection_id, claim.kind.value))
    if state is None or state.finished_at is None:
        raise SyncRunning("The first sync has not ended.")


def _read_customer(desk: Desk, adapter: CRMAdapter, connection_id: int, ref: str) -> None:
    """And, where they were merged into another, that one."""
    for _ in range(MOST_MERGES):
        try:
            patch = Patch(adapter.get_customer(ref), tuple(adapter.orders(ref)))
        except NotFound:
            patches.remove(desk, connection_id, ref)
            return
        except Merged as error:
            patches.remove(desk, connection_id, ref)
            ref = error.new_ref
        else:
            patches.apply(desk, connection_id, patch)
            return


def _settle(desk: Desk, claim: Claim) -> None:
    with desk.database.writing() as session:
        store.settle(session, claim, desk.clock.now())
        webhook = store.lock(session, claim.connection_id)
        webhook.failures, webhook.paused_until, webhook.cause = 0, None, None


def _put_off(desk: Desk, claim: Claim, wait: timedelta) -> None:
    with desk.database.writing() as session:
        store.put_off(session, claim, desk.clock.now() + wait)


def _doubt(desk: Desk, connection: Connection, claim: Claim, error: Exception) -> None:
    given_up = desk.clock.now() - claim.received_at > PATIENCE
    log.warning(
        "hint_not_followed",
        connection=connection.name,
        kind=claim.kind.value,
        cause=type(error).__name__,
        given_up=given_up,
    )
    if given_up:
        _settle(desk, claim)
    else:
        _put_off(desk, claim, wait_after(claim.attempts))


def _pause(desk: Desk, connection: Connection, claim: Claim, error: Exception) -> None:
    """One CRM that does not answer is asked about one record, now and then, and not about each."""
    log.warning("hints_wait", connection=connection.name, cause=type(error).__name__)
    with desk.database.writing() as session:
        store.put_off(session, claim, desk.clock.now())
        webhook = store.lock(session, connection.id)
        webhook.failures += 1
        webhook.paused_until = desk.clock.now() + wait_after(webhook.failures, error)
        webhook.cause = tell_cause(error)
