"""Breaks adapters on purpose and says whether the suite notices.

    python -m tests.crm_adapters.mutations [adapter …] [words of a mutation …]

Each runs its tests on a copy of the packages, until the first failure. Some minutes in all.
"""

import sys
from collections.abc import Sequence

import click

from tests.crm_adapters.mutations.engine import Mutation, copy, find_failure, try_one
from tests.crm_adapters.mutations.vendors import load_all

Named = tuple[str, Mutation]
"""A mutation and its adapter's name."""


def choose(words: Sequence[str]) -> list[Named]:
    """Of the adapters that are named, else of all, those with any of the other words."""
    known = load_all()
    vendors = [word for word in words if word in known]
    others = [word for word in words if word not in known]
    found = [(vendor, one) for vendor in vendors or known for one in known[vendor]]
    return [(vendor, one) for vendor, one in found if not others or any(word in one.name for word in others)]


def find_broken(chosen: Sequence[Named]) -> str | None:
    """A test that fails without any mutation."""
    with copy() as folder:
        return find_failure(folder, sorted({one.tests for _, one in chosen}))


def main(words: Sequence[str]) -> int:
    chosen = choose(words)
    if not chosen:
        click.echo(f"No mutation has {' or '.join(words)} in its name.")
        return 2
    if broken := find_broken(chosen):
        click.echo(f"{broken} fails without any mutation.")
        return 2
    missed = 0
    for vendor, mutation in chosen:
        failure = try_one(mutation)
        missed += failure is None
        click.echo(f"{'caught' if failure else 'MISSED'}  {vendor}: {mutation.name}  {failure or ''}")
    click.echo(f"{len(chosen) - missed} of {len(chosen)} were caught.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
