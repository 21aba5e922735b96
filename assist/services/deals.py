"""What a customer is about to buy: open deals, quotes and orders, asked of the live CRM and kept nowhere."""

from concurrent.futures import TimeoutError as DeadlinePassed
from dataclasses import asdict, dataclass

import structlog
from itsdangerous import BadData, URLSafeSerializer

from assist.models.connection import Connection
from assist.models.mirror import Customer
from assist.services.connect import open_adapter
from assist.services.desk import Desk
from assist.services.views import DealView, Price
from assist.store.customers import find_customer
from assist.store.records import LONGEST_REF, clean
from assist.vault import VaultError
from crm_adapters.errors import BadSettings, CRMError, Merged, NotFound
from crm_adapters.model import OpenDeal
from crm_adapters.transport import Purpose

SALT = "deal"
LONGEST_NAME = 80

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """The deal that a page names: it was shown for this customer, for only we can have made its token."""

    customer_id: int
    connection_id: int
    ref: str
    kind: str
    name: str


def list_deals(desk: Desk, *, customer_id: int) -> tuple[DealView, ...]:
    """Latest change first. Empty where the CRM has none, keeps none, or does not answer in time: nobody waits for
    them, and nothing rests on them."""
    with desk.database.reading() as session:
        customer = find_customer(session, customer_id)
        if customer is None:
            return ()
        connection = session.get_one(Connection, customer.connection_id)
    return _ask(desk, connection, customer)


def read_token(desk: Desk, token: str) -> Target | None:
    """None where it is not ours."""
    try:
        return Target(**_signer(desk).loads(token))
    except (BadData, TypeError):
        return None


def _ask(desk: Desk, connection: Connection, customer: Customer) -> tuple[DealView, ...]:
    """With a breaker of its own: who may not read deals may well read customers."""
    breaker, mine = desk.live.breaker, (connection.id, "deals")
    if not (breaker.allows(connection.id) and breaker.allows(mine)):
        return ()
    future = desk.live.start(lambda: _read(desk, connection, customer))
    try:
        found = future.result(timeout=desk.config.live_deadline_seconds)
    except (CRMError, BadSettings, VaultError, DeadlinePassed) as error:
        future.cancel()
        breaker.note(mine, failed=True)
        log.warning("live_deals_failed", connection=connection.name, cause=type(error).__name__)
        return ()
    breaker.note(mine, failed=False)
    return found


def _read(desk: Desk, connection: Connection, customer: Customer) -> tuple[DealView, ...]:
    adapter = open_adapter(desk, connection, Purpose.INTERACTIVE)
    if not adapter.capabilities.open_deals:
        return ()
    try:
        deals = adapter.open_deals(customer.ref)
    except (NotFound, Merged):
        return ()
    takes_lines = connection.writes and adapter.capabilities.add_line
    return tuple(_view(deal, _make_token(desk, customer, deal) if takes_lines else None) for deal in deals)


def _view(deal: OpenDeal, token: str | None) -> DealView:
    return DealView(
        kind=deal.kind.value,
        name=deal.name,
        stage=deal.stage,
        total=Price(deal.amount.amount, deal.amount.currency) if deal.amount else None,
        changed_at=deal.updated_at,
        token=token,
    )


def _make_token(desk: Desk, customer: Customer, deal: OpenDeal) -> str | None:
    """None for what the outbox has no place for."""
    if len(deal.ref) > LONGEST_REF or deal.ref != clean(deal.ref):
        return None
    name = clean(deal.name, LONGEST_NAME)
    target = Target(customer.id, customer.connection_id, deal.ref, deal.kind.value, name)
    return str(_signer(desk).dumps(asdict(target)))


def _signer(desk: Desk) -> URLSafeSerializer:
    return URLSafeSerializer(desk.secret_key, salt=SALT)
