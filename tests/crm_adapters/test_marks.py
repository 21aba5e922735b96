"""Marks: one for each key, of signs that no search takes for anything else."""

import re

from hypothesis import given
from hypothesis import strategies as st

from crm_adapters.marks import make_guid, make_mark

KEYS = st.text(st.characters(exclude_categories=["Cs"]))


@given(KEYS, KEYS)
def test_a_mark_is_plain_and_the_keys_own(one: str, other: str) -> None:
    assert re.fullmatch(r"sa[0-9a-f]{28}", make_mark(one))
    assert (make_mark(one) == make_mark(other)) == (make_guid(one) == make_guid(other)) == (one == other)


def test_a_mark_stays_the_same_for_ever() -> None:
    """What was written with it must be found again by later versions."""
    assert make_mark("key-1") == "sabe2974546978e3739e6d6da85c4b"
    assert make_guid("key-1") == "7e30d3b5-44b4-5d8c-b7e8-48b93b93e86a"
