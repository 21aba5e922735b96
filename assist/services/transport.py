"""What adapters are lent: the rules of the network, the budget that processes share, and the connection's token."""

from typing import Any
from uuid import uuid4

from assist.logs import current_request_id
from assist.services.desk import Desk
from assist.services.tokens import DatabaseTokens
from crm_adapters.ledger import FileLedger, Ledger
from crm_adapters.network import Network, resolve_by_system
from crm_adapters.transport import Purpose, Timing, Transport


def make_network(desk: Desk) -> Network:
    """Of no connection in particular."""
    config = desk.config
    return Network(
        private_hosts=config.crm_private_hosts,
        proxy=config.crm_proxy,
        ca_file=str(config.crm_ca_file) if config.crm_ca_file else None,
        resolve=resolve_by_system,
    )


def make_transport(
    desk: Desk, connection_id: int, purpose: Purpose, *, correlation_id: str | None = None, **more: Any
) -> Transport:
    """`more`: other fields of `Transport`."""
    config = desk.config

    def open_ledger(name: str) -> Ledger:
        return FileLedger(config.data_dir / "calls" / f"{connection_id}-{name}.json")

    return Transport(
        purpose=purpose,
        correlation_id=correlation_id or current_request_id() or uuid4().hex,
        network=make_network(desk),
        tokens=DatabaseTokens(desk.database, desk.vault, desk.clock, connection_id),
        ledgers=open_ledger,
        timing=Timing(desk.clock.now, desk.clock.sleep),
        patience=desk.patience,
        **more,
    )
