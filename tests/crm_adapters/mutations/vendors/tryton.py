"""Tryton."""

from tests.crm_adapters.mutations.engine import Mutation

TRYTON = "crm_adapters/vendors/tryton"
TESTS = "tests/crm_adapters/vendors/test_tryton.py"
SUITE = f"{TESTS}::TestTryton"
MUTATIONS = (
    Mutation(
        "whoever's telephone ends alike is found",
        f"{TRYTON}/search.py",
        "lambda one: match_key(number) in _numbers(one))",
        "lambda one: bool(number))",
        f"{SUITE}::test_each_key_finds_the_one_customer",
    ),
    Mutation(
        "a change of an address is not its party's",
        f"{TRYTON}/feed.py",
        '    Kind.CUSTOMERS: ("", "contact_mechanisms.", "addresses."),',
        '    Kind.CUSTOMERS: ("",),',
        f"{SUITE}::test_what_was_added_and_changed_is_listed",
    ),
    Mutation(
        "a merged party is only deleted",
        f"{TRYTON}/feed.py",
        "self._find_merged(gone) if kind is Kind.CUSTOMERS and gone else {}",
        "{}",
        f"{SUITE}::test_a_merged_customer_lives_on",
    ),
    Mutation(
        "a confirmed sale takes lines",
        f"{TRYTON}/writing.py",
        '        if deal["state"] not in target.states:',
        '        if not deal["state"]:',
        f"{SUITE}::test_a_line_needs_a_product_and_an_open_deal",
    ),
)
