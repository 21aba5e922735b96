"""Pipedrive."""

from tests.crm_adapters.mutations.engine import Mutation

PIPEDRIVE = "crm_adapters/vendors/pipedrive"
TESTS = "tests/crm_adapters/vendors/test_pipedrive.py"
SUITE = f"{TESTS}::TestPipedrive"
MUTATIONS = (
    Mutation(
        "whoever the search finds has the telephone",
        f"{PIPEDRIVE}/search.py",
        "lambda one: wanted in {match_key(phone.e164) for phone in one.phones if phone.e164},",
        "lambda one: bool(wanted),",
        f"{SUITE}::test_each_key_finds_the_one_customer",
    ),
    Mutation(
        "the first page is taken for the last",
        f"{PIPEDRIVE}/feed.py",
        "        if not found.after:",
        "        if found:",
        f"{SUITE}::test_a_full_listing_holds_everything",
    ),
    Mutation(
        "archived deals are no purchases",
        f"{PIPEDRIVE}/deals.py",
        'EVERY = ("deals", "deals/archived")',
        'EVERY = ("deals",)',
        f"{TESTS}::TestFeed::test_an_archived_deal_is_a_purchase",
    ),
    Mutation(
        "a closed deal takes lines",
        f"{PIPEDRIVE}/writing.py",
        "        if not records.is_open(deal):",
        "        if not deal:",
        f"{SUITE}::test_a_line_needs_a_product_and_an_open_deal",
    ),
)
