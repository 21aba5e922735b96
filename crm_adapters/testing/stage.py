"""The CRM under test from behind the adapter's back: what its own people do there, and what goes wrong."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import (
    AuthExpired,
    CRMError,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.troubles import Trouble
from crm_adapters.model import Kind, WebhookRequest
from crm_adapters.testing.faults import Fault, Faults, FaultyAdapter

READS = (
    "changes",
    "find_customers",
    "find_outcome",
    "get_company",
    "get_customer",
    "open_deals",
    "orders",
    "relations",
)
WRITES = ("add_line", "log_outcome", "update_customer")
ERRORS: Mapping[Trouble, CRMError] = {
    Trouble.EXPIRED: AuthExpired("the token is no longer good"),
    Trouble.LIMITED: RateLimited("slow down", retry_after=7),
    Trouble.LIMITED_UNTIL: RateLimited("slow down", retry_after=7),
    Trouble.LIMITED_MUTE: RateLimited("slow down"),
    Trouble.REFUSED: ValidationFailed("refused"),
    Trouble.AWAY: Unavailable("away"),
    Trouble.TRUNCATED: Unavailable("the answer broke off"),
    Trouble.GARBLED: VendorChanged("not what we know"),
}
AFTER = (Trouble.BROKEN_AFTER, Trouble.LOST_AFTER, Trouble.HUNG_AFTER)


class Stage(ABC):
    """What a test may do to the CRM. What the adapter does not declare need not be possible."""

    depths: tuple[int, ...] = (1, 2)
    """Which of an operation's calls are struck, one after the other."""

    @abstractmethod
    def put(self, record: Record) -> str:
        """Changed where the CRM knows the ref, new elsewhere; the ref it has there. Without `settle` in between,
        one is put in the same moment as the next, as far as the CRM tells moments apart."""

    @abstractmethod
    def delete(self, kind: Kind, ref: str) -> None: ...

    def merge(self, ref: str, *, into: str) -> None:
        raise NotImplementedError

    def close_deal(self, ref: str) -> None:
        raise NotImplementedError

    def count_written(self, key: str | None = None) -> int:
        """How many outcomes the CRM holds for the key; None: for all."""
        raise NotImplementedError

    def count_lines(self, key: str) -> int:
        """How many lines on deals the CRM holds for the key."""
        raise NotImplementedError

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """What the CRM sends when that record was changed."""
        raise NotImplementedError

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        """What somebody else may send: without the secret, with another, with a body that was tampered with,
        or an old one again, as far as the CRM's way of signing can tell."""
        raise NotImplementedError

    def settle(self) -> None:
        """Lets as much time pass as the CRM needs to notice its own changes."""
        return

    def calm(self) -> None:
        """Ends what `strike` began and has not struck yet."""
        return

    def strike(
        self, adapter: CRMAdapter, trouble: Trouble, *, writes: bool = False, nth: int = 1
    ) -> CRMAdapter:
        """An adapter that meets the trouble with its nth call, from now on, that writes, or reads. Here at the
        calls of the adapter; where there is a wire, rather on the wire."""
        if trouble is Trouble.REPEATED:
            return adapter
        lost: CRMError = OutcomeUnknown("no answer") if writes else Unavailable("no answer")
        error = ERRORS.get(trouble, lost)
        done = writes and (trouble in AFTER or trouble in {Trouble.TRUNCATED, Trouble.GARBLED})
        plan = (
            Fault(call, lost if done else error, nth=nth, after=done)
            for call in (WRITES if writes else READS)
        )
        return FaultyAdapter(adapter, Faults(tuple(plan)))
