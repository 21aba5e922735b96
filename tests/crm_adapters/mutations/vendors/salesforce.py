"""Salesforce."""

from tests.crm_adapters.mutations.engine import Mutation

SALESFORCE = "crm_adapters/vendors/salesforce"
TESTS = "tests/crm_adapters/vendors/test_salesforce.py"
SUITE = f"{TESTS}::TestSalesforce"
MUTATIONS = (
    Mutation(
        "whoever's telephone ends alike is found",
        f"{SALESFORCE}/contacts.py",
        "            return match_key(number) in _numbers(one)",
        "            return bool(number)",
        f"{SUITE}::test_each_key_finds_the_one_customer",
    ),
    Mutation(
        "of many changes of one moment only the first are read",
        f"{SALESFORCE}/feed.py",
        'return f"SystemModstamp > {start.moment} OR ({same})"',
        'return f"SystemModstamp > {start.moment}"',
        f"{SUITE}::test_many_of_the_same_moment_are_all_listed",
    ),
    Mutation(
        "lost opportunities count as won",
        f"{SALESFORCE}/sales.py",
        'return OrderStatus.WON if row.get("IsWon") else OrderStatus.CANCELLED',
        "return OrderStatus.WON",
        f"{SUITE}::test_everything_listed_is_as_the_crm_holds_it",
    ),
    Mutation(
        "a closed opportunity takes lines",
        f"{SALESFORCE}/writing.py",
        '        if rows[0].get("IsClosed"):',
        "        if not rows:",
        f"{SUITE}::test_a_line_needs_a_product_and_an_open_deal",
    ),
)
