"""Sorting rows by several columns as one number each: a tenth of what numpy's lexsort and unique cost."""

import math

import numpy as np

from recommender.interactions import Floats, Ints


def sort_rows(*columns: Ints) -> Ints:
    """The order of np.lexsort, but with the column that decides first named first; of whole numbers."""
    if not len(columns[0]):
        return np.zeros(0, np.int64)
    low, high = zip(*((int(column.min()), int(column.max())) for column in columns), strict=True)
    sizes = [last - first + 1 for first, last in zip(low, high, strict=True)]
    if math.prod(sizes) >= 2**63:
        return np.lexsort(columns[::-1])
    key = np.zeros(len(columns[0]), np.int64)
    for column, first, size in zip(columns, low, sizes, strict=True):
        key *= size
        key += column
        key -= first
    return np.argsort(key, kind="stable")


def distinct(keys: Ints) -> Ints:
    """Sorted; np.unique hashes whole numbers, which takes many times as long where most differ."""
    ordered = np.sort(keys)
    return np.asarray(ordered[starts(ordered)])


def starts(ordered: Ints) -> Ints:
    """The places where a value is not the one before it."""
    first = np.ones(len(ordered), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(first)


def falling(values: Floats) -> Ints:
    """Whole numbers that rise as the values, taken as float32, fall; without NaN."""
    bits = np.ascontiguousarray(values, np.float32).view(np.int32).astype(np.int64)
    # The bits of a number below zero, the sign left out, rise as it falls.
    return np.where(bits < 0, bits & 0x7FFFFFFF, -bits)
