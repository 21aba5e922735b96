"""What differs between two versions of the model."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from assist.services.desk import Desk
from assist.services.quality import Figure, read_differences
from assist.services.search import flatten
from assist.services.training import read_shop
from assist.services.versions import ProductChange, UnreadableVersion, Version, compare_products, find, load
from recommender.evaluate import challenge
from recommender.model import SalesModel

Differences = Mapping[str, tuple[Figure, int | None]]


@dataclass(frozen=True, slots=True)
class Change:
    name: str
    """As `als.regularisation`."""
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Comparison:
    before: Version
    after: Version
    differences: Differences
    """Per task, NDCG@10 of `after` less that of `before` on the same cases; empty where they never met."""
    settings: tuple[Change, ...]
    methods: tuple[Change, ...]
    """By task, which method was chosen."""
    notes_new: tuple[str, ...]
    notes_gone: tuple[str, ...]
    new: ProductChange | None
    gone: ProductChange | None
    """None where that is not known."""


def compare(desk: Desk, before: str, after: str, *, measure: bool = False) -> Comparison:
    """By what is recorded, and by the products in the artifacts where they can be read. `measure`: also on the
    past windows of today's purchases, which fits both anew. Raises VersionError."""
    with desk.database.reading() as session:
        found = differ(find(session, before), find(session, after))
    try:
        models = load(desk, before), load(desk, after)
    except UnreadableVersion:
        if measure:
            raise
        return found
    new, gone = compare_products(*models)
    differences = _measure(desk, *models) if measure else found.differences
    return replace(found, new=new, gone=gone, differences=differences)


def differ(before: Version, after: Version) -> Comparison:
    """By what is recorded."""
    met = after.verdict.against == before.version
    return Comparison(
        before,
        after,
        differences=after.verdict.differences if met else _turned(before, after),
        settings=tuple(_changes(flatten(before.settings), flatten(after.settings))),
        methods=tuple(_changes(_chosen(before), _chosen(after))),
        notes_new=tuple(note for note in after.notes if note not in before.notes),
        notes_gone=tuple(note for note in before.notes if note not in after.notes),
        new=after.new if met else None,
        gone=after.gone if met else None,
    )


def _turned(before: Version, after: Version) -> Differences:
    """Where `before` is the one that was held against `after`."""
    if before.verdict.against != after.version:
        return {}
    return {task: (_negate(one), cases) for task, (one, cases) in before.verdict.differences.items()}


def _negate(one: Figure) -> Figure:
    low, high = (None if end is None else -end for end in (one.high, one.low))
    return Figure(-one.mean, low, high)


def _measure(desk: Desk, before: SalesModel, after: SalesModel) -> Differences:
    with desk.database.reading() as session:
        data, catalogue = read_shop(session)
    verdict = challenge(before, after, data, catalogue)
    return read_differences({task: asdict(one) for task, one in verdict.differences.items()})


def _chosen(version: Version) -> dict[str, object]:
    return {one.task: one.chosen.name for one in version.quality if one.chosen}


def _changes(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        change = Change(name, before.get(name), after.get(name))
        if change.before != change.after:
            yield change
