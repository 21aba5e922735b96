"""Zoho."""

from tests.crm_adapters.mutations.engine import Mutation

ZOHO = "crm_adapters/vendors/zoho"
TESTS = "tests/crm_adapters/vendors/test_zoho.py"
SUITE = f"{TESTS}::TestZoho"
MUTATIONS = (
    Mutation(
        "whoever the search finds has the address",
        f"{ZOHO}/search.py",
        "lambda one: email in {found.value for found in one.emails})",
        "lambda one: bool(email))",
        f"{TESTS}::TestFinding::test_an_address_that_they_had_before_finds_nobody",
    ),
    Mutation(
        "what was deleted is never asked for",
        f"{ZOHO}/feed.py",
        "    return replace(position, gone=1) if position.since else _end(position)",
        "    return _end(position)",
        f"{SUITE}::test_what_was_deleted_is_gone",
    ),
    Mutation(
        "a line takes the place of those that a quote had",
        f"{ZOHO}/writing.py",
        "{QUOTED: [*kept, added]}",
        "{QUOTED: [added]}",
        f"{SUITE}::test_a_line_is_put_on_a_deal_once",
    ),
    Mutation(
        "a closed quote takes lines",
        f"{ZOHO}/writing.py",
        "        if not is_open(quote):",
        "        if not quote:",
        f"{SUITE}::test_a_line_needs_a_product_and_an_open_deal",
    ),
)
