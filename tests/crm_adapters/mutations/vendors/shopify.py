"""Shopify."""

from tests.crm_adapters.mutations.engine import Mutation

SHOPIFY = "crm_adapters/vendors/shopify"
TESTS = "tests/crm_adapters/vendors/test_shopify.py"
SUITE = f"{TESTS}::TestShopify"
MUTATIONS = (
    Mutation(
        "what somebody else wrote is written over",
        f"{SHOPIFY}/outcomes.py",
        ', "compareDigest": digest}',
        "}",
        f"{TESTS}::TestOutcomes::test_whoever_writes_at_the_same_moment_keeps_their_line",
    ),
    Mutation(
        "what failed in the middle is taken for never begun",
        f"{SHOPIFY}/api.py",
        "        except Fault:",
        "        except ZeroDivisionError:",
        f"{SUITE}::test_a_write_without_an_answer_is_unknown_or_done",
    ),
    Mutation(
        "whoever the search finds has the telephone",
        f"{SHOPIFY}/people.py",
        "if wanted in _numbers(one)]",
        "if wanted]",
        f"{SUITE}::test_wildcards_are_only_letters",
    ),
    Mutation(
        "how long a limit lasts is not read",
        f"{SHOPIFY}/failures.py",
        "retry_after=_wait(found)",
        "retry_after=None",
        f"{SUITE}::test_an_agent_does_not_wait",
    ),
    Mutation(
        "a line takes the place of those that a draft had",
        f"{SHOPIFY}/writing.py",
        "lines = [*map(_put_back, draft.lines), line]",
        "lines = [line]",
        f"{SUITE}::test_a_line_is_put_on_a_deal_once",
    ),
    Mutation(
        "a list without the older orders is taken for all there are",
        f"{SHOPIFY}/feed.py",
        "snapshot=start.whole and not start.source",
        "snapshot=start.whole",
        f"{TESTS}::TestFeed::test_orders_that_are_kept_from_us_are_not_lost",
    ),
)
