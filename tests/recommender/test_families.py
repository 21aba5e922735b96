"""Families from names: planted ones are found, and the rules hold for any catalogue."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import product as combine
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.catalogue import Catalogue, CatalogueItem
from recommender.families import SURE, Proposal, derive_families, name_families
from recommender.interactions import Interactions, Purchase, from_purchases

THEN = datetime(2025, 1, 1, tzinfo=UTC)
COLOURS = ("rojo", "azul", "negro")
NOTHING = from_purchases([])


def catalogue(prices: dict[str, float | None]) -> Catalogue:
    """Products are called by their names."""
    return Catalogue(CatalogueItem(name, name, price) for name, price in prices.items())


def phones() -> dict[str, float | None]:
    """Two lines by generation and storage, and what is made for them."""
    found: dict[str, float | None] = {}
    for line, base in (("Aurora", 400), ("Storm", 650)):
        for generation, storage in combine((5, 6, 7), (128, 256, 512)):
            found[f"{line} {generation} {storage} GB"] = base + 60 * generation + storage / 2
        for generation in (5, 6, 7):
            found[f"Clear case for {line} {generation}"] = 15
            found[f"Leather case for {line} {generation}"] = 39
    return found


def shirts() -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for shirt, price in (("Camisa de lino", 45.0), ("Camisa Oxford", 39.0), ("Polo piqué", 25.0)):
        for colour, size in combine(COLOURS, ("S", "M", "L")):
            found[f"{shirt} {colour}, {size}"] = price
    return found | {"Calcetines": 6.0, "Cinturón de piel": 30.0, "Gorra": 12.0}


def orders(*baskets: Iterable[str]) -> Interactions:
    """One customer each."""
    return from_purchases(
        Purchase(f"c{number}", f"o{number}", THEN, name, 1, None)
        for number, basket in enumerate(baskets)
        for name in basket
    )


def members(found: Iterable[Proposal]) -> set[frozenset[str]]:
    return {frozenset(one.members) for one in found}


def test_generations_and_storage_make_one_family_and_another_line_another() -> None:
    found = {one.name: one for one in derive_families(catalogue(phones()), NOTHING)}
    for line in ("Aurora", "Storm"):
        assert set(found[line].members) == {name for name in phones() if name.startswith(line)}
        assert found[line].confidence >= SURE
    assert "128gb" in found["Aurora"].reason
    assert "from 764.00 to 1076.00" in found["Aurora"].reason


def test_what_is_made_for_one_generation_is_no_step_from_what_is_made_for_another() -> None:
    found = derive_families(catalogue(phones()), NOTHING)
    for line, generation in combine(("Aurora", "Storm"), (5, 6, 7)):
        cases = frozenset(f"{sort} case for {line} {generation}" for sort in ("Clear", "Leather"))
        assert cases in members(found)


def test_colours_and_sizes_make_one_family_and_another_shirt_another() -> None:
    found = derive_families(catalogue(shirts()), NOTHING)
    for shirt in ("Camisa de lino", "Camisa Oxford", "Polo piqué"):
        assert frozenset(name for name in shirts() if name.startswith(shirt)) in members(found)
    assert {one.name for one in found} == {"Camisa de lino", "Camisa Oxford", "Polo piqué"}


def test_names_written_without_spaces_are_read_too() -> None:
    found = derive_families(
        catalogue({f"{kind}{size}GB": 90.0 + size for kind in ("星手机", "云平板") for size in (64, 128)}),
        NOTHING,
    )
    assert members(found) == {frozenset({f"{kind}64GB", f"{kind}128GB"}) for kind in ("星手机", "云平板")}
    assert {one.name for one in found} == {"星手机", "云平板"}


def test_two_words_that_alternate_once_are_any_two_words() -> None:
    assert derive_families(catalogue({"Slate cover": 29.0, "Slate pen": 35.0, "Lamp": 9.0}), NOTHING) == ()


def test_what_is_bought_together_is_no_family() -> None:
    """Lids and pots differ by one word in every size, as colours do."""
    prices: dict[str, float | None] = {}
    for size in ("small", "medium", "wide", "tall"):
        prices |= {f"Enamel {size} pot": 20.0, f"Enamel {size} lid": 8.0}
    pairs = [(f"Enamel {size} pot", f"Enamel {size} lid") for size in ("small", "medium", "wide", "tall")]
    apart = derive_families(catalogue(prices), orders(*([name] for pair in pairs for name in pair * 4)))
    assert any(
        "lid" in name for one in apart for name in one.members if any("pot" in other for other in one.members)
    )
    together = derive_families(catalogue(prices), orders(*(pair for pair in pairs * 4)))
    assert not any("lid" in a and "pot" in b for one in together for a in one.members for b in one.members)


def test_who_buys_for_a_shop_takes_every_colour_and_that_says_little() -> None:
    names = list(shirts())
    found = derive_families(catalogue(shirts()), orders(*(names for _ in range(20))))
    assert members(found) == members(derive_families(catalogue(shirts()), NOTHING))


def test_a_product_without_name_or_price_has_no_family() -> None:
    prices = {"Card 64 GB": 20.0, "Card 128 GB": 30.0, "Card 256 GB": None, "": 5.0, "!?": 5.0}
    (one,) = derive_families(catalogue(prices), NOTHING)
    assert one.members == ("Card 128 GB", "Card 64 GB")


def test_what_was_paid_stands_for_a_price_that_is_not_listed() -> None:
    paid = [
        Purchase("c", name, THEN, name, 1, price) for name, price in (("Card 64 GB", 9), ("Card 128 GB", 12))
    ]
    assert (
        len(derive_families(catalogue({"Card 64 GB": None, "Card 128 GB": None}), from_purchases(paid))) == 1
    )


def test_prices_far_apart_are_no_step() -> None:
    assert derive_families(catalogue({"Line 5": 4.0, "Line 6": 400.0}), NOTHING) == ()


def test_numbers_that_only_count_products_make_no_family() -> None:
    assert derive_families(catalogue({f"Part {number:04}": 5.0 for number in range(400)}), NOTHING) == ()


def test_two_families_never_have_the_same_name() -> None:
    prices = {
        f"{first} Card {size} GB": cost for first, cost in (("a", 9.0), ("b", 90.0)) for size in (64, 128)
    }
    found = derive_families(
        Catalogue(CatalogueItem(name, name.split(maxsplit=1)[1], price) for name, price in prices.items()),
        NOTHING,
    )
    assert len({one.name for one in found}) == len(found)


def test_derived_families_act_only_where_the_catalogue_names_none() -> None:
    bare = catalogue(phones())
    named, notes = name_families(bare, NOTHING)
    assert named.items["Aurora 5 128 GB"].family == "Aurora"
    assert "8 families with 30 products came from their names" in notes[0]
    item = CatalogueItem("Lamp", "Lamp", 9.0, family="Lamps")
    mixed = Catalogue([*bare.items.values(), item])
    assert name_families(mixed, NOTHING) == (mixed, ())
    assert name_families(Catalogue(), NOTHING)[1] == ()


words = st.text(max_size=6)
names = st.lists(
    st.one_of(words, st.sampled_from(["red", "blue", "5", "6", "64 GB", "128GB", "case", "for", ","])),
    max_size=5,
)


@st.composite
def catalogues(draw: st.DrawFn) -> list[CatalogueItem]:
    price = st.one_of(st.none(), st.floats(0, 1e9), st.just(10.0))
    item = st.builds(CatalogueItem, st.text(min_size=1, max_size=3), names.map(" ".join), price)
    return draw(st.lists(item, max_size=14, unique_by=lambda one: one.product_id))


@settings(max_examples=40, deadline=None)
@given(catalogues(), st.data(), st.randoms(use_true_random=False))
def test_families_are_a_partition_and_the_same_in_any_order(
    items: list[CatalogueItem], data: st.DataObject, random: Random
) -> None:
    known = [item.product_id for item in items] or ["none"]
    line = st.builds(
        Purchase,
        st.sampled_from("ab"),
        st.sampled_from("123"),
        st.just(THEN),
        st.sampled_from(known),
        st.just(1),
        st.integers(1, 9),
    )
    lines = data.draw(st.lists(line, max_size=12))
    found = derive_families(Catalogue(items), from_purchases(lines))
    every = [product for one in found for product in one.members]
    assert len(every) == len(set(every))
    assert set(every) <= {item.product_id for item in items if item.name}
    assert all(len(one.members) >= 2 and 0 < one.confidence < 1 and one.name for one in found)
    assert len({one.name for one in found}) == len(found)
    random.shuffle(items)
    random.shuffle(lines)
    assert derive_families(Catalogue(items), from_purchases(lines)) == found
