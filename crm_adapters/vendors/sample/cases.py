"""The sample shop's service desk: complaints and questions about orders, most of them closed."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random

from crm_adapters.model import Case, Order
from crm_adapters.vendors.sample.people import roll

COMPLAINTS = (
    "Arrived damaged",
    "Wrong item in the parcel",
    "Parcel is late",
    "Charged twice",
    "Stopped working",
)
QUESTIONS = (
    "How do I move my data?",
    "Invoice with tax number, please",
    "Which charger fits?",
    "Where is the nearest shop?",
)


def build_cases(orders: Iterable[Order], *, seed: int, today: datetime) -> list[Case]:
    """About one order in twenty makes somebody write; whoever wrote lately may still be waiting."""
    dice = roll(seed, "cases")
    found = [case for order in orders for case in _case(order, dice, today)]
    found.sort(key=lambda case: (case.opened_at, case.ref))
    return found


def _case(order: Order, dice: Random, today: datetime) -> Iterator[Case]:
    opened = order.placed_at + timedelta(days=2 + dice.randrange(8))
    recent = opened > today - timedelta(days=45)
    if opened > today or dice.random() > (0.09 if recent else 0.05):
        return
    complaint = dice.random() < 0.5
    subject = dice.choice(COMPLAINTS if complaint else QUESTIONS)
    closed = None if recent and dice.random() < 0.6 else opened + timedelta(days=1 + dice.randrange(6))
    still_open = closed is None or closed > today
    yield Case(
        f"S{order.ref[1:]}",
        order.customer_ref,
        subject,
        complaint=complaint,
        open=still_open,
        opened_at=opened,
        updated_at=opened if still_open else closed,
    )
