"""Dynamics 365."""

from tests.crm_adapters.mutations.engine import Mutation

DYNAMICS365 = "crm_adapters/vendors/dynamics365"
TESTS = "tests/crm_adapters/vendors/test_dynamics365.py"
SUITE = f"{TESTS}::TestDynamics365"
MUTATIONS = (
    Mutation(
        "a merged contact is read as if it lived",
        f"{DYNAMICS365}/contacts.py",
        "        if master:\n",
        "        if master == ref:\n",
        f"{SUITE}::test_a_merged_customer_lives_on",
    ),
    Mutation(
        "a change of a line is not its order's",
        f"{DYNAMICS365}/feed.py",
        '[] if start.full else sorted({text(row, source.parent) for row in rows} - {""})',
        "[]",
        f"{TESTS}::TestFeed::test_a_line_lists_its_order_again",
    ),
    Mutation(
        "what somebody else changed is overwritten",
        f"{DYNAMICS365}/writing.py",
        'version=expected_version or "*")',
        'version="*")',
        f"{SUITE}::test_a_customer_is_changed_unless_somebody_else_did",
    ),
    Mutation(
        "a closed opportunity takes lines",
        f"{DYNAMICS365}/writing.py",
        '        if deal.get("statecode") != 0:',
        '        if deal.get("statecode") is None:',
        f"{SUITE}::test_a_line_needs_a_product_and_an_open_deal",
    ),
)
