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
    """Cosines, codes × others."""
    return np.asarray((vectors[codes] @ vectors[others].T).toarray())


def _words(catalogue: Catalogue, product: str) -> list[str]:
    item = catalogue.find(product)
    if item is None:
        return []
    labels = [f"={label}" for label in (item.family, item.category) if label]
    return sorted({*WORD.findall(item.name.casefold())[:LONGEST_TEXT], *labels})
