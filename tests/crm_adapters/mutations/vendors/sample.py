"""The sample shop."""

from tests.crm_adapters.mutations.engine import Mutation

SAMPLE = "crm_adapters/vendors/sample"
TESTS = "tests/crm_adapters/test_sample.py"
SUITE = f"{TESTS}::TestSampleCRM"
MUTATIONS = (
    Mutation(
        "somebody deleted is still found",
        f"{SAMPLE}/records.py",
        'connection.execute("DELETE FROM keys WHERE ref = ?", (ref,))',
        "pass",
        f"{SUITE}::test_a_deleted_customer_cannot_be_read",
    ),
    Mutation(
        "a change at the edge of a page is lost",
        f"{SAMPLE}/feed.py",
        "after = found[-1].seq if found",
        "after = found[-1].seq + 1 if found",
        f"{SUITE}::test_a_full_listing_holds_everything",
    ),
    Mutation(
        "keys that differ in a capital are the same",
        f"{SAMPLE}/notes.py",
        '"SELECT id FROM notes WHERE key = ?"',
        '"SELECT id FROM notes WHERE key LIKE ?"',
        f"{SUITE}::test_two_keys_are_two_outcomes",
    ),
    Mutation(
        "what somebody else changed is overwritten",
        f"{SAMPLE}/adapter.py",
        "            if expected_version not in {None, current.version}:",
        "            if expected_version == ref:",
        f"{SUITE}::test_a_customer_is_changed_unless_somebody_else_did",
    ),
)
