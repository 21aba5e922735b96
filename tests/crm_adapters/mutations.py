"""Breaks adapters on purpose, one rule at a time, and says whether the suite notices.

    python -m tests.crm_adapters.mutations [words of a mutation …]

Each runs the vendor's test classes on a copy of the packages, until the first failure. Some minutes in all.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

ROOT = Path(__file__).parents[2]
COPIED = ("crm_adapters", "tests/crm_adapters", "tests/__init__.py", "pyproject.toml")
HUBSPOT = "crm_adapters/vendors/hubspot"


@dataclass(frozen=True, slots=True)
class Mutation:
    name: str
    path: str
    old: str
    new: str
    tests: str = "tests/crm_adapters/vendors/test_hubspot.py::TestHubSpot"


UNKEYED = "tests/crm_adapters/vendors/test_hubspot.py::TestSignedIn"
MUTATIONS = (
    Mutation(
        "of many changes of one moment only the first are read",
        f"{HUBSPOT}/feed.py",
        "        return replace(start, step=SAME_MOMENT, moment=stamp_of(found.rows[-1], source), after=None)",
        "        return replace(start, moment=stamp_of(found.rows[-1], source), after=None)",
    ),
    Mutation(
        "a run does not look back over what the search did not know yet",
        f"{HUBSPOT}/feed.py",
        "LOOK_BACK = timedelta(minutes=10)",
        "LOOK_BACK = timedelta(0)",
    ),
    Mutation(
        "what was archived is never looked at",
        f"{HUBSPOT}/feed.py",
        "ARCHIVED_EVERY = timedelta(hours=1)",
        "ARCHIVED_EVERY = timedelta(days=999_999)",
    ),
    Mutation(
        "everything archived ever is reported again and again",
        f"{HUBSPOT}/feed.py",
        "if _archived_at(row) >= since)",
        "if _archived_at(row) >= 0)",
    ),
    Mutation(
        "a restart forgets the cursor",
        f"{HUBSPOT}/feed.py",
        "return Position(**json.loads(cursor.value)) if cursor else Position()",
        "return Position()",
    ),
    Mutation(
        "the first page is taken for the last",
        f"{HUBSPOT}/feed.py",
        "more=bool(reached.began),",
        "more=False,",
    ),
    Mutation(
        "merged contacts are not reported",
        f"{HUBSPOT}/records.py",
        "    return {one.strip(): row",
        "    return {} and {one.strip(): row",
    ),
    Mutation(
        "a merged contact is read as if it were the other",
        f"{HUBSPOT}/adapter.py",
        '        if row["id"] != ref:\n            raise Merged',
        '        if row["id"] == "never":\n            raise Merged',
    ),
    Mutation(
        "half an answer is an empty one",
        "crm_adapters/answers.py",
        "            return json.loads(self.body)\n        except ValueError:\n            pass",
        '            return json.loads(self.body)\n        except ValueError:\n            return {"results": []}',
    ),
    Mutation(
        "only the first of a contact's associations are read",
        f"{HUBSPOT}/api.py",
        '        after = result.get("paging", {}).get("next", {}).get("after")\n            more',
        "        after = None\n            more",
    ),
    Mutation(
        "orders come oldest first",
        f"{HUBSPOT}/adapter.py",
        "key=lambda order: (order.placed_at, order.ref), reverse=True)",
        "key=lambda order: (order.placed_at, order.ref))",
    ),
    Mutation(
        "older orders than asked for are given",
        f"{HUBSPOT}/adapter.py",
        "if since is None or order.placed_at >= since]",
        "]",
    ),
    Mutation(
        "purchases lose their time of day",
        f"{HUBSPOT}/records.py",
        '_moment(_text(row, "closedate"))',
        '_moment(_text(row, "closedate")[:10])',
    ),
    Mutation(
        "every amount is in the account's currency",
        f"{HUBSPOT}/records.py",
        '    usual = _text(deal, "deal_currency_code") or currency',
        "    usual = currency",
    ),
    Mutation(
        "lost deals count as won",
        f"{HUBSPOT}/records.py",
        'return OrderStatus.WON if _text(row, "hs_is_closed_won") == "true" else OrderStatus.CANCELLED',
        "return OrderStatus.WON",
    ),
    Mutation(
        "an unknown price is a price of zero",
        f"{HUBSPOT}/records.py",
        "prices=() if price is None or price < 0 else (Money(price, currency),),",
        "prices=(Money(price or Decimal(0), currency),),",
    ),
    Mutation(
        "telephones without a country code are not read",
        f"{HUBSPOT}/records.py",
        "        phones=_phones(row, land or country),",
        "        phones=_phones(row, None),",
    ),
    Mutation(
        "whoever's telephone ends alike is found",
        f"{HUBSPOT}/search.py",
        "lambda one: match_key(number) in _numbers(one))",
        "lambda one: True)",
    ),
    Mutation(
        "addresses are compared as they are typed",
        f"{HUBSPOT}/search.py",
        "return self._by_email(value.lower())",
        "return self._by_email(value)",
    ),
    Mutation(
        "an address goes into the path as it is",
        f"{HUBSPOT}/api.py",
        "{quote(ref, safe='')}\", params=params)",
        '{ref}", params=params)',
        "tests/crm_adapters/vendors/test_hubspot.py::TestFinding",
    ),
    Mutation(
        "more are found than were asked for",
        f"{HUBSPOT}/adapter.py",
        "found = self._search.find(key)[:limit]",
        "found = self._search.find(key)",
    ),
    Mutation(
        "a key is looked up by a search that lags",
        f"{HUBSPOT}/writing.py",
        '            return self.api.get("notes", mark, [self.key_property], by=self.key_property)',
        "            groups = [[(self.key_property, 'EQ', mark)]]\n"
        '            found = self.api.search("notes", groups, [self.key_property], limit=1)\n'
        "            return found.rows[0] if found.rows else None",
    ),
    Mutation(
        "nobody looks whether a note was written before",
        f"{HUBSPOT}/writing.py",
        "        found = self.find_note(key, outcome.customer_ref)\n        if found:",
        "        found = None\n        if found:",
        UNKEYED,
    ),
    Mutation(
        "a write without an answer is sent again",
        f"{HUBSPOT}/api.py",
        'answer = self._calls.write("POST", f"crm/v3/objects/{kind}", json=body)',
        'answer = self._calls.run(Call("POST", f"crm/v3/objects/{kind}", json=body, repeatable=True))',
        UNKEYED,
    ),
    Mutation(
        "keys that differ in a capital are the same",
        "crm_adapters/marks.py",
        'return f"sa{sha256(key.encode())',
        'return f"sa{sha256(key.lower().encode())',
    ),
    Mutation(
        "errors repeat what the CRM said",
        f"{HUBSPOT}/failures.py",
        'told = f"HubSpot answered {answer.status}"',
        'told = f"HubSpot answered {answer.status}: {answer.body!r}"',
    ),
    Mutation(
        "the log tells which addresses were asked for",
        "crm_adapters/http.py",
        'log.debug("%s %s: %s (%s)", call.method, host, result.status, name)',
        'log.debug("%s %s%s: %s (%s)", call.method, host, call.path, result.status, name)',
    ),
    Mutation(
        "the log tells the token",
        "crm_adapters/http.py",
        'log.debug("%s %s: %s (%s)", call.method, host, result.status, name)',
        'log.debug("%s %s: %s (%s) %s", call.method, host, result.status, name, self._auth.headers())',
    ),
    Mutation(
        "a limit is not waited for",
        f"{HUBSPOT}/failures.py",
        "retry_after=USUAL_WAIT if wait is None else wait,",
        "retry_after=0.0,",
    ),
    Mutation(
        "an old webhook is believed again",
        f"{HUBSPOT}/webhooks.py",
        "        expect_fresh(_moment(stamp), request.at)\n",
        "",
    ),
    Mutation(
        "a webhook without a signature is believed",
        f"{HUBSPOT}/webhooks.py",
        "    verify(request, secret)\n",
        "    if request.headers:\n        verify(request, secret)\n",
    ),
    Mutation(
        "a closed deal takes lines",
        f"{HUBSPOT}/writing.py",
        "        if not records.is_open(deal):",
        "        if deal is None:",
    ),
    Mutation(
        "closed deals count as open",
        f"{HUBSPOT}/deals.py",
        "for row in self.of_contact(ref) if records.is_open(row)]",
        "for row in self.of_contact(ref)]",
    ),
    Mutation(
        "what somebody else changed is overwritten",
        f"{HUBSPOT}/writing.py",
        "        if expected_version not in {None, current}:",
        "        if expected_version == current + '!':",
    ),
    Mutation(
        "a field that cannot be changed is passed over",
        f"{HUBSPOT}/writing.py",
        "        if refused:\n            raise",
        "        patch = {name: patch[name] for name in patch.keys() - refused.keys()}\n"
        "        if not patch:\n            raise",
    ),
    Mutation(
        "a check falls over a CRM that fails",
        "crm_adapters/findings.py",
        "    except CRMError as error:",
        "    except KeyError as error:",
    ),
    Mutation(
        "what the fields hold is left out",
        f"{HUBSPOT}/fields.py",
        "return add_samples(described, _sample(api, objects, described, sample)) if sample else described",
        "return described",
    ),
)


def apply(mutation: Mutation, folder: Path) -> None:
    path = folder / mutation.path
    text = path.read_text()
    assert text.count(mutation.old) == 1, f"{mutation.name}: {mutation.path} has changed"
    path.write_text(text.replace(mutation.old, mutation.new))


@contextmanager
def copy() -> Iterator[Path]:
    with TemporaryDirectory(prefix="mutation-") as name:
        folder = Path(name) / "project"
        for part in COPIED:
            source, target = ROOT / part, folder / part
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
        yield folder


def find_failure(folder: Path, tests: str) -> str | None:
    """The first test that fails; None: all pass."""
    arguments = ["-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=no", "-rfE", tests]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    failed = re.search(r"^(?:FAILED|ERROR) \S*::(\S+)", ran.stdout, re.MULTILINE)
    return failed[1] if failed else (None if ran.returncode == 0 else f"exit code {ran.returncode}")


def try_one(mutation: Mutation) -> str | None:
    with copy() as folder:
        apply(mutation, folder)
        return find_failure(folder, mutation.tests)


def main(words: Sequence[str]) -> int:
    for tests in sorted({one.tests for one in MUTATIONS}):
        with copy() as folder:
            failure = find_failure(folder, tests)
        if failure:
            click.echo(f"{failure} fails without any mutation.")
            return 2
    chosen = [one for one in MUTATIONS if not words or any(word in one.name for word in words)]
    missed = 0
    for mutation in chosen:
        failure = try_one(mutation)
        missed += failure is None
        click.echo(f"{'caught' if failure else 'MISSED'}  {mutation.name}  {failure or ''}")
    click.echo(f"{len(chosen) - missed} of {len(chosen)} were caught.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
