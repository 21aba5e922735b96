"""What rules speak of, held against what is on sale here."""

from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from assist.models.mirror import Product
from assist.services.desk import Desk
from personas.facts import slug
from personas.languages import Translated
from personas.review import Objection
from personas.rules import Rules

CHUNK = 500
"""Names per question: SQLite takes a limited number of parameters."""
_ABSENT = Translated(
    {
        "en": "No product on sale here has it: the rule does nothing until one does.",
        "es": "Ningún producto a la venta lo tiene: la regla no hace nada hasta que exista.",
        "pt-BR": "Nenhum produto à venda o tem: a regra não faz nada até que exista.",
    }
)


def find_absent(desk: Desk, rules: Rules) -> tuple[Objection, ...]:
    """Products and categories that no rule finds here; none blocks, as they may be on their way."""
    with desk.database.reading() as session:
        return tuple(_absent(session, rules))


def _absent(session: Session, rules: Rules) -> Iterator[Objection]:
    skus = _find_skus(session, sorted({sku for rule in rules for sku in rule.scope.products}))
    categories = _find_categories(session)
    for rule in rules:
        yield from _missing(rule.key, "products", rule.scope.products - skus)
        yield from _missing(rule.key, "categories", rule.scope.categories - categories)


def _missing(key: str, part: str, names: Iterable[str]) -> Iterator[Objection]:
    for name in sorted(names):
        yield Objection(f"rules.yaml: {key}.scope.{part}: {name}", "absent", _ABSENT, blocks=False)


def _find_skus(session: Session, named: list[str]) -> set[str]:
    chunks = (named[start : start + CHUNK] for start in range(0, len(named), CHUNK))
    asked = (
        select(Product.sku).where(Product.sku.in_(chunk), Product.deleted.is_(False)) for chunk in chunks
    )
    return {sku for question in asked for sku in session.scalars(question) if sku}


def _find_categories(session: Session) -> frozenset[str]:
    shelves = select(Product.category).where(Product.category.is_not(None), Product.deleted.is_(False))
    return frozenset(slug(name) for name in session.scalars(shelves.distinct()) if name)


def list_slugs(session: Session) -> tuple[list[str], list[str]]:
    """Categories and product families on sale here, as conditions name them."""
    families = select(Product.family).where(Product.family.is_not(None), Product.deleted.is_(False))
    found = {slug(name) for name in session.scalars(families.distinct()) if name}
    return sorted(_find_categories(session)), sorted(found)
