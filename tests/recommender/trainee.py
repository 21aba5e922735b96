"""Trainings in processes of their own, killed at moments of the caller's choice.

`python -m tests.recommender.trainee SHOP FOLDER MOMENT…` trains once per moment, each time on what the one before
left, killed when it tells that it is at MOMENT, or after so many seconds where that is a number; then to the end,
into FOLDER/resumed. Without moments: at one go, into FOLDER/whole. One process forks the others, which saves each
the seconds that importing takes. A line of JSON per killed training says what it left.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np

from recommender import artifact
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.checkpoints import fingerprint, open_checkpoints
from recommender.interactions import Interactions, Purchase, from_purchases
from recommender.model import SalesModel
from recommender.testing import START
from tests.recommender.test_ranker import priced, tastes


def make_small() -> tuple[Interactions, Catalogue]:
    """A hundred customers come now and then and buy what is near to what they bought before."""
    rng, products = np.random.default_rng(5), 30
    lines = []
    for day in range(100):
        for customer in rng.choice(100, 6, replace=False).tolist():
            for product in {(customer + step) % products for step in rng.integers(-3, 4, 2).tolist()}:
                at = START + timedelta(days=day)
                lines.append(Purchase(f"c{customer}", f"{customer}/{day}", at, f"lamp {product}"))
    items = (
        CatalogueItem(f"lamp {place}", price=1.06**place, family=f"lamps {place // 10}")
        for place in range(products)
    )
    return from_purchases(lines), Catalogue(items)


SHOPS: dict[str, Callable[[], tuple[Interactions, Catalogue]]] = {
    "small": make_small,
    "with trees": lambda: (tastes(), priced()),
}


def train(shop: str, folder: Path, moment: str, *, out: str) -> None:
    data, catalogue = SHOPS[shop]()
    if moment.replace(".", "").isdigit():
        _die_after(float(moment))

    def tell(what: str, _done: float) -> None:
        if what == moment:
            _die()

    with open_checkpoints(folder / "unfinished", fingerprint(data, catalogue)) as checkpoints:
        SalesModel.train(data, catalogue, progress=tell, checkpoints=checkpoints).save(folder / out)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_after(seconds: float) -> None:
    def wait() -> None:
        threading.Event().wait(seconds)
        _die()

    threading.Thread(target=wait, daemon=True).start()


def _fork(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _list_kept(folder: Path) -> dict[str, int]:
    """Finished stages, and when each was written, in nanoseconds."""
    found = (folder / "unfinished").glob(f"*/*/{artifact.MANIFEST}")
    return {path.parent.name: path.stat().st_mtime_ns for path in found}


def main(shop: str, folder: Path, moments: list[str]) -> None:
    for moment in moments:
        status = _fork(partial(train, shop, folder, moment, out="killed"))
        print(json.dumps({"status": status, "kept": _list_kept(folder)}), flush=True)  # noqa: T201 - the answer
    out = "resumed" if moments else "whole"
    sys.exit(_fork(partial(train, shop, folder, "", out=out)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
