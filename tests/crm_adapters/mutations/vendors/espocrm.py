"""EspoCRM."""

from tests.crm_adapters.mutations.engine import Mutation

ESPOCRM = "crm_adapters/vendors/espocrm"
TESTS = "tests/crm_adapters/vendors/test_espocrm.py"
SUITE = f"{TESTS}::TestSalesPack"
COMMUNITY = f"{TESTS}::TestCommunity"
MUTATIONS = (
    Mutation(
        "whoever's telephone ends alike is found",
        f"{ESPOCRM}/search.py",
        "lambda one: wanted in {match_key(phone.e164) for phone in one.phones if phone.e164},",
        "lambda one: bool(wanted),",
        f"{SUITE}::test_each_key_finds_the_one_customer",
    ),
    Mutation(
        "nobody looks whether a post was written before",
        f"{ESPOCRM}/writing.py",
        "        found = self.find_post(key, outcome.customer_ref)\n",
        "        found = None\n",
        f"{SUITE}::test_an_outcome_is_written_once",
    ),
    Mutation(
        "only the first page of purchases is read",
        f"{ESPOCRM}/api.py",
        "            if len(rows) < limit:\n                return\n            after",
        "            if rows:\n                return\n            after",
        f"{COMMUNITY}::test_orders_come_newest_first_with_lines",
    ),
    Mutation(
        "another list is taken for the one asked for",
        f"{ESPOCRM}/api.py",
        "        if any(STAMP not in row for row in rows):",
        "        if any(STAMP == row for row in rows):",
        f"{SUITE}::test_a_listing_loses_nothing[REPEATED]",
    ),
    Mutation(
        "opportunities are won by their stage's usual word",
        f"{ESPOCRM}/sales.py",
        "meant.get(chance, OrderStatus.OPEN)",
        "(OrderStatus.WON if stage == 'Closed Won' else OrderStatus.OPEN)",
        f"{COMMUNITY}::test_everything_listed_is_as_the_crm_holds_it",
    ),
)
