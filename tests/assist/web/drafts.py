"""What waits for sales operations: releases to try, and learned pairs to answer."""

from copy import deepcopy
from typing import Any

from assist.models.catalogue import LearnedPair
from assist.services.desk import Desk
from personas.release import Release, shipped


def draft(threshold: float = 0.9, files: dict[str, Any] | None = None) -> Release:
    """What ships, with another bar for one persona."""
    document = deepcopy(dict(shipped().document)) | (files or {})
    document["personas/small_company.yaml"]["threshold"] = threshold
    return Release.of(document)


def add_pair(desk: Desk, anchor: str, **other: Any) -> None:
    numbers = {"together": 10, "orders": 16, "also": 12, "every": 90, "low": 0.386, "high": 0.815}
    row = LearnedPair(anchor=anchor, sku="PEGS", **{"state": "proposed", **numbers, **other})
    row.proposed_at = desk.clock.now()
    with desk.database.writing() as session:
        session.add(row)
