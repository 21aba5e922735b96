import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.ordering import distinct, falling, sort_rows, starts

WHOLE = st.integers(-(2**31), 2**31 - 1)
TINY = st.integers(-2, 2)
MOST = st.integers(-(2**62), 2**62)


@given(st.lists(st.tuples(TINY, WHOLE, TINY) | st.tuples(MOST, MOST, TINY)))
def test_rows_sort_as_lexsort_has_them_whether_they_fit_one_number_or_not(
    rows: list[tuple[int, int, int]],
) -> None:
    columns = np.array(rows, np.int64).reshape(-1, 3).T
    assert sort_rows(*columns).tolist() == np.lexsort(columns[::-1]).tolist()


@given(st.lists(TINY | WHOLE))
def test_distinct_is_what_unique_finds(keys: list[int]) -> None:
    found = np.array(keys, np.int64)
    assert distinct(found).tolist() == sorted(set(keys))
    assert starts(np.sort(found)).tolist() == np.unique(np.sort(found), return_index=True)[1].tolist()


@given(st.lists(st.floats(width=32, allow_nan=False)))
def test_falling_numbers_sort_as_negated_values(values: list[float]) -> None:
    found = np.array(values, np.float32)
    assert np.argsort(falling(found), kind="stable").tolist() == np.argsort(-found, kind="stable").tolist()
