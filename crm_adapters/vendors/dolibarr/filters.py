"""Dolibarr's `sqlfilters`: conditions as `(t.field:operator:value)`.

Values have no escape that every version knows: brackets are refused, a colon cuts the value off (seen by others on
18.0.5), and a quotation mark is doubled on some and not on others. So whatever is not an ordinary letter is asked
for by LIKE's sign for any one letter, and every row that comes back is compared again by whoever asked.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

ORDINARY = r"[^\w@.+-]|_"
"""All but these; an underscore is asked for by itself, for it is that sign."""
WESTMOST = timedelta(hours=12)
"""No clock is further behind UTC."""


def above(number: int, *, field: str = "t.rowid") -> str:
    return f"({field}:>:{number})"


def one_of(numbers: Iterable[str], *, field: str = "t.rowid") -> str:
    return f"({field}:in:{','.join(numbers)})"


def equals(field: str, number: str) -> str:
    return f"({field}:=:{number})"


def alike(field: str, text: str) -> str:
    """In any case of letters, and with any sign where `text` has an unusual one."""
    return f"({field}:like:'{_blur(text)}')"


def holds(field: str, text: str) -> str:
    return f"({field}:like:'%{_blur(text)}%')"


def has_digits(field: str, digits: str) -> str:
    """These digits at the end, with whatever is written between them."""
    return f"({field}:like:'%{'%'.join(digits)}')"


def changed_since(moment: datetime) -> str:
    """By whole days: stamps are in the time of the server, which it does not tell, and a time has colons."""
    return f"(t.tms:>=:'{(moment - WESTMOST).date().isoformat()}')"


def all_of(conditions: Iterable[str]) -> str:
    return " and ".join(conditions)


def any_of(conditions: Iterable[str]) -> str:
    return f"({' or '.join(conditions)})"


def _blur(text: str) -> str:
    return re.sub(ORDINARY, "_", text)
