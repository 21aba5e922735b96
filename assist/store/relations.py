"""Relations between products as the CRMs keep them, and when they were last read."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, delete, insert, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from assist.models.catalogue import ProductRelation, RelationsRead
from assist.models.mirror import Product
from assist.store.records import LONGEST_REF, clean
from crm_adapters import model as crm

LONGEST_KIND = 20


class Due(NamedTuple):
    """A product whose relations are to be read."""

    product_id: int
    ref: str
    digest: str


class Link(NamedTuple):
    sku: str
    """Of the related product."""
    kind: str


def list_due(session: Session, connection_id: int, *, before: datetime, limit: int) -> list[Due]:
    """Products that are new or changed, then those whose relations were last read before that time: the
    longest ago first."""
    changed = or_(RelationsRead.digest.is_(None), RelationsRead.digest != Product.digest)
    rows = (
        select(Product.id, Product.ref, Product.digest)
        .outerjoin(RelationsRead, RelationsRead.product_id == Product.id)
        .where(Product.connection_id == connection_id, Product.deleted.is_(False))
        .where(or_(changed, RelationsRead.read_at < before))
        .order_by(case((changed, 0), else_=1), RelationsRead.read_at, Product.id)
    )
    return [Due(*row) for row in session.execute(rows.limit(limit))]


def find_fault(due: Due, relation: crm.ProductRelation) -> str | None:
    """Why the relation has no place in the mirror; None where it has."""
    ref, kind = relation.related_ref, relation.kind
    if relation.product_ref != due.ref:
        return "a relation of another product"
    if not ref or len(ref) > LONGEST_REF or ref != clean(ref):
        return f"a related product's reference is empty, unreadable or longer than {LONGEST_REF} characters"
    if not kind or kind != clean(kind, LONGEST_KIND):
        return f"a relation's kind is empty, unreadable or longer than {LONGEST_KIND} characters"
    return None


def note_read(session: Session, due: Due, at: datetime) -> None:
    session.merge(RelationsRead(product_id=due.product_id, digest=due.digest, read_at=at))


def replace_relations(
    session: Session, connection_id: int, due: Due, relations: Iterable[crm.ProductRelation]
) -> None:
    """What the CRM no longer says is gone."""
    mine = (ProductRelation.connection_id == connection_id, ProductRelation.product_ref == due.ref)
    known = select(ProductRelation.related_ref, ProductRelation.kind).where(*mine)
    before = {(ref, kind) for ref, kind in session.execute(known)}
    now = {(relation.related_ref, relation.kind) for relation in relations}
    for ref, kind in before - now:
        session.execute(
            delete(ProductRelation).where(
                *mine, ProductRelation.related_ref == ref, ProductRelation.kind == kind
            )
        )
    stamp = {"connection_id": connection_id, "product_ref": due.ref}
    if new := [stamp | {"related_ref": ref, "kind": kind} for ref, kind in sorted(now - before)]:
        session.execute(insert(ProductRelation), new)


def list_links(session: Session) -> defaultdict[str, list[Link]]:
    """By the SKU that they lead from; between products that the mirror has."""
    one, other = aliased(Product), aliased(Product)

    def named(product: type[Product], ref: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        same = and_(product.connection_id == ProductRelation.connection_id, product.ref == ref)
        return and_(same, product.deleted.is_(False))

    rows = (
        select(one.sku, other.sku, ProductRelation.kind)
        .select_from(ProductRelation)
        .join(one, named(one, ProductRelation.product_ref))
        .join(other, named(other, ProductRelation.related_ref))
        .distinct()
        .order_by(one.sku, other.sku, ProductRelation.kind)
    )
    found: defaultdict[str, list[Link]] = defaultdict(list)
    for sku, related, kind in session.execute(rows):
        found[sku].append(Link(related, kind))
    return found
