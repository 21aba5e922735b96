from recommender.names import kind_of, size_of, tokenise


def test_words_and_numbers_are_told_apart_whatever_is_between_them() -> None:
    assert tokenise(["Road-150 Red, 62", "ROAD/650;red", "Red Men's  T-Shirt"]) == [
        ("road", "150", "red", "62"),
        ("road", "650", "red"),
        ("red", "mens", "t", "shirt"),
    ]


def test_a_unit_stays_with_its_number() -> None:
    assert tokenise(["Card 64GB", "Card 128 GB", "Card 1.5 TB", "Disk 2 TB"]) == [
        ("card", "64gb"),
        ("card", "128gb"),
        ("card", "1.5tb"),
        ("disk", "2tb"),
    ]


def test_what_follows_a_number_by_chance_is_no_unit() -> None:
    assert tokenise(["Set 6 cups", "Red cups", "Set 8 cups"])[0] == ("set", "6", "cups")


def test_marks_stay_with_their_letters_and_signs_without_spaces_stand_alone() -> None:
    assert tokenise(["की कि", "红色手机 2", "İzmir", "Ｔシャツ"]) == [
        ("की", "कि"),
        ("红", "色", "手", "机", "2"),
        ("i̇zmir",),
        ("t", "シ", "ャ", "ツ"),
    ]


def test_a_name_of_signs_has_no_tokens() -> None:
    assert tokenise(["", "?!", " _ "]) == [(), (), ()]


def test_numbers_are_ordered_by_their_size() -> None:
    rising = ["0.5", "1", "1.5", "1.10", "64gb", "5,000mah", "10,000mah", "٢٠٠٠٠"]
    falling = rising[::-1]
    assert sorted(falling, key=size_of) == rising


def test_numbers_of_one_unit_are_of_one_kind() -> None:
    assert [kind_of(token) for token in ("64gb", "1.5tb", "7", "٧", "red", "")] == [
        "#gb",
        "#tb",
        "#",
        "#",
        "red",
        "",
    ]
