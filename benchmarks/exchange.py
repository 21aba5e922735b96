"""What passes between the comparison and the process of each contender: plain files, so that contenders may
run in a Python of their own, without the product."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.cost import Cost

Settings = Mapping[str, Any]
TRAIN, ASKED = "train.csv", "asked.csv"
COLUMNS = ("customer_id", "order_id", "ts", "product_id", "quantity", "unit_price")


@dataclass(frozen=True, slots=True)
class Job:
    """For each of the settings: fit on the folder's TRAIN, then answer everybody in its ASKED, one by one."""

    library: str
    method: str
    settings: Sequence[Settings]
    folder: str
    out: str
    """A folder: lists-0.csv and so on, one per settings, and told.json."""
    k: int

    def save(self) -> Path:
        Path(self.out).mkdir(parents=True, exist_ok=True)
        path = Path(self.out) / "job.json"
        path.write_text(json.dumps(asdict(self)))
        return path

    @classmethod
    def load(cls, path: Path) -> Self:
        return cls(**json.loads(path.read_text()))

    def lists(self, place: int) -> Path:
        return Path(self.out) / f"lists-{place}.csv"


@dataclass(frozen=True, slots=True)
class Run:
    """One fit, from purchases in memory to ready to answer, and each answer."""

    fit: Cost
    answers: tuple[Cost, ...]


@dataclass(frozen=True, slots=True)
class Told:
    missing: str = ""
    """The module that is not installed: then there is nothing else."""
    version: str = ""
    runs: tuple[Run, ...] = ()
    megabytes: int = 0
    """The process's peak, its interpreter, libraries and the purchases included."""

    def save(self, job: Job) -> None:
        (Path(job.out) / "told.json").write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, job: Job) -> Self:
        found = json.loads((Path(job.out) / "told.json").read_text())
        runs = (
            Run(Cost(**run["fit"]), tuple(Cost(**one) for one in run["answers"])) for run in found["runs"]
        )
        return cls(**found | {"runs": tuple(runs)})


@dataclass(frozen=True, slots=True)
class Purchases:
    customers: tuple[str, ...]
    products: tuple[str, ...]
    matrix: Any
    """csr float32, customers × products: how many orders hold the product."""


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def read_purchases(path: Path) -> Purchases:
    customers: dict[str, int] = {}
    products: dict[str, int] = {}
    pairs = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            customer = customers.setdefault(row["customer_id"], len(customers))
            pairs.append((customer, products.setdefault(row["product_id"], len(products))))
    rows, columns = np.array(pairs, np.int32).reshape(-1, 2).T
    shape = (len(customers), len(products))
    matrix = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape)
    return Purchases(tuple(customers), tuple(products), matrix)


def read_asked(folder: Path) -> list[str]:
    with (folder / ASKED).open(newline="", encoding="utf-8") as file:
        return [row["customer_id"] for row in csv.DictReader(file)]


def read_lists(path: Path) -> dict[str, list[str]]:
    """Per customer the products, best first, as they were written."""
    found: dict[str, list[str]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["customer_id"], []).append(row["product_id"])
    return found
