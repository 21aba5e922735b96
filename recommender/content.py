"""What products are called: how much their names and categories resemble each other."""

import re
from collections import Counter
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from recommender.catalogue import Catalogue
from recommender.interactions import Floats, Ints

WORD = re.compile(r"\w+")
LONGEST_TEXT = 60
"""Words; a longer description says no more."""


def vectorise(products: tuple[str, ...], catalogue: Catalogue) -> Any:
    """TF-IDF (Spärck Jones 1972), products × words, float32 csr with rows of length 1; a row is empty
    where nothing is known. A word that only one product has cannot relate it to another and is left out."""
    texts = [_words(catalogue, product) for product in products]
    holders = Counter(word for words in texts for word in words)
    shared = sorted(word for word, count in holders.items() if 1 < count < len(products))
    place = {word: number for number, word in enumerate(shared)}
    rows = [[place[word] for word in words if word in place] for words in texts]
    weights = np.array([np.log((1 + len(products)) / (1 + holders[word])) for word in shared])
    indices = np.array([number for row in rows for number in row], np.int32)
    indptr = np.cumsum([0, *(len(row) for row in rows)])
    values = weights[indices] if len(indices) else np.zeros(0)
    length = np.sqrt(np.bincount(np.repeat(np.arange(len(rows)), np.diff(indptr)), values**2, len(rows)))
    values = values / np.repeat(np.maximum(length, 1e-12), np.diff(indptr))
    return csr_matrix((values.astype(np.float32), indices, indptr), (len(products), max(len(shared), 1)))


def resemble(vectors: Any, codes: Ints, others: Ints) -> Floats:
    """Cosines, codes × others, float32."""
    # Dense over the words of the others alone: for so few rows scipy's indexing costs more than the product.
    holder, theirs, weights = _entries(vectors, others)
    words, column = np.unique(theirs, return_inverse=True)
    if not len(words):
        return np.zeros((len(codes), len(others)), np.float32)
    right = np.zeros((len(words), len(others)), np.float32)
    right[column, holder] = weights
    row, mine, weights = _entries(vectors, codes)
    place = np.minimum(np.searchsorted(words, mine), len(words) - 1)
    shared = words[place] == mine
    left = np.zeros((len(codes), len(words)), np.float32)
    left[row[shared], place[shared]] = weights[shared]
    return np.asarray(left @ right)


def _entries(vectors: Any, codes: Ints) -> tuple[Ints, Ints, Floats]:
    """What these rows of a csr matrix hold: the place in `codes`, the column and the value of each entry."""
    starts = vectors.indptr[codes].astype(np.int64)
    counts = vectors.indptr[codes + 1] - starts
    row = np.repeat(np.arange(len(codes)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    entry = starts[row] + within
    return row, vectors.indices[entry], vectors.data[entry]


def _words(catalogue: Catalogue, product: str) -> list[str]:
    item = catalogue.find(product)
    if item is None:
        return []
    labels = [f"={label}" for label in (item.family, item.category) if label]
    return sorted({*WORD.findall(item.name.casefold())[:LONGEST_TEXT], *labels})
