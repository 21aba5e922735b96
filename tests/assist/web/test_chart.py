"""The axis under a chart holds what is drawn on it, and has round ticks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.services.quality import Figure
from assist.web.console.chart import axis_of

sizes = st.floats(-1, 1).filter(lambda value: value == 0 or abs(value) > 1e-6)
figures = st.lists(
    st.tuples(sizes, sizes, sizes).map(sorted).map(lambda ends: Figure(ends[1], ends[0], ends[2])), max_size=6
)


@given(figures)
def test_everything_and_zero_lie_between_the_ends(found: list[Figure]) -> None:
    axis = axis_of(found)
    assert axis.low < axis.high
    assert 2 <= len(axis.ticks) <= 9
    assert 0.0 in axis.ticks
    assert 0.0 in axis.labelled
    assert 2 <= len(axis.labelled) <= 5
    for one in found:
        for end in (one.mean, one.low, one.high):
            assert end is not None
            assert axis.low - 1e-9 <= end <= axis.high + 1e-9


@given(figures)
def test_what_is_more_stands_further_right(found: list[Figure]) -> None:
    axis = axis_of(found)
    placed = [float(axis.place(one.mean).rstrip("%")) for one in sorted(found, key=lambda one: one.mean)]
    assert placed == sorted(placed)
    assert all(2 <= place <= 98 for place in placed)


@pytest.mark.parametrize(
    ("figure", "ticks"),
    [
        (Figure(0.16, 0.14, 0.18), (0.0, 0.05, 0.1, 0.15, 0.2)),
        (Figure(-0.01, -0.03, 0.01), (-0.03, -0.02, -0.01, 0.0, 0.01)),
        (Figure(0.5, None, None), (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)),
    ],
)
def test_ticks_are_round(figure: Figure, ticks: tuple[float, ...]) -> None:
    assert axis_of([figure]).ticks == ticks


def test_with_nothing_to_draw_there_still_is_an_axis() -> None:
    assert axis_of([None]).place(0.0) == "2.00%"
