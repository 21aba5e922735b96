"""Reads the relations that people keep between products in the CRM: of what is new or changed, and now and then
of the rest; so many at a time that a sync stays short, the others with the next one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from assist.services.lease import Lease
from assist.store import relations as store
from assist.store.relations import Due
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import CRMError, NotFound, ValidationFailed, VendorChanged
from crm_adapters.model import ProductRelation, RejectedRow

MOST_ASKED = 1_000
"""Products, per sync."""
LONGEST = timedelta(minutes=1)
"""After which no more are asked about in this sync; shorter than the right to sync lasts."""
STALE = timedelta(days=7)
"""A CRM that changes a relation need not say that the product has changed."""
AT_ONCE = 20
"""Asked about between two transactions."""
MOST_RELATED = 200
"""Of one product; who links more links nothing."""
OF_ONE_PRODUCT = (NotFound, ValidationFailed, VendorChanged)
"""After which the next product may still be asked about."""
SOURCE = "relations"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was asked, and what could not be read of it."""

    asked: tuple[str, ...]
    """As the sources of rejected rows."""
    rejections: tuple[RejectedRow, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    due: Due
    relations: tuple[ProductRelation, ...] | None
    """None where the CRM had none to give: what was known stays."""
    rejections: tuple[RejectedRow, ...] = ()


def read_relations(lease: Lease, adapter: CRMAdapter, note: Callable[[Session, Reading], None]) -> None:
    """`note` is told in the transaction that keeps what was read. Raises SyncRunning where another process has
    taken over; a CRM that fails ends the reading, and is a rejected row."""
    desk = lease.desk
    start = desk.clock.now()
    with desk.database.reading() as session:
        due = store.list_due(session, lease.connection_id, before=start - STALE, limit=MOST_ASKED)

    def is_over() -> bool:
        return desk.clock.now() - start >= LONGEST

    for part in _parts(due):
        answers, failure = _ask(adapter, part, is_over)
        with desk.database.writing() as session:
            lease.renew(session)
            _keep(session, lease, answers)
            note(session, _report(answers, failure))
        if failure or is_over():
            return


def _parts(due: Sequence[Due]) -> Iterator[Sequence[Due]]:
    for start in range(0, len(due), AT_ONCE):
        yield due[start : start + AT_ONCE]


def _ask(
    adapter: CRMAdapter, part: Sequence[Due], is_over: Callable[[], bool]
) -> tuple[list[_Answer], str | None]:
    """What was answered before the CRM failed or the time was over, and how it failed."""
    answers: list[_Answer] = []
    for due in part:
        if is_over():
            break
        try:
            answers.append(_sift(due, adapter.relations(due.ref)))
        except OF_ONE_PRODUCT as error:
            answers.append(_Answer(due, None, (RejectedRow(_source(due), 0, _tell(error)),)))
        except CRMError as error:
            return answers, _tell(error)
    return answers, None


def _sift(due: Due, found: list[ProductRelation]) -> _Answer:
    faults = [(relation, store.find_fault(due, relation)) for relation in found[:MOST_RELATED]]
    refused = [RejectedRow(_source(due), 0, fault) for _, fault in faults if fault]
    if len(found) > MOST_RELATED:
        refused.append(
            RejectedRow(_source(due), 0, f"{len(found):,} relations; the first {MOST_RELATED} are kept")
        )
    return _Answer(due, tuple(relation for relation, fault in faults if not fault), tuple(refused))


def _keep(session: Session, lease: Lease, answers: Sequence[_Answer]) -> None:
    for answer in answers:
        store.note_read(session, answer.due, lease.desk.clock.now())
        if answer.relations is not None:
            store.replace_relations(session, lease.connection_id, answer.due, answer.relations)


def _report(answers: Sequence[_Answer], failure: str | None) -> Reading:
    refused = [row for answer in answers for row in answer.rejections]
    if failure:
        refused.append(RejectedRow(SOURCE, 0, f"{failure}; the rest is read with the next sync"))
    return Reading((SOURCE, *(_source(answer.due) for answer in answers)), tuple(refused))


def _source(due: Due) -> str:
    return f"{SOURCE} of {ascii(due.ref)[:100]}"


def _tell(error: CRMError) -> str:
    return f"{type(error).__name__}: {error}"
