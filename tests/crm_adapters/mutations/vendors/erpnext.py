"""ERPNext."""

from tests.crm_adapters.mutations.engine import Mutation

ERPNEXT = "crm_adapters/vendors/erpnext"
TESTS = "tests/crm_adapters/vendors/test_erpnext.py"
SUITE = f"{TESTS}::TestERPNext"
MUTATIONS = (
    Mutation(
        "clocks that go back are not thought of",
        f"{ERPNEXT}/site.py",
        "for later in (timedelta(0), KEPT)]",
        "for later in (timedelta(0), timedelta(0))]",
        f"{TESTS}::TestTime::test_what_changed_when_clocks_went_back_is_listed",
    ),
    Mutation(
        "a contact's change is not its customer's",
        f"{ERPNEXT}/feed.py",
        "return [own, *linked, *new, *lost]",
        "return [own, *new, *lost]",
        f"{SUITE}::test_what_was_added_and_changed_is_listed",
    ),
    Mutation(
        "a document is saved over another's change",
        f"{ERPNEXT}/writing.py",
        '{"items": rows, "modified": quotation["modified"]}',
        '{"items": rows}',
        f"{TESTS}::TestWriting::test_a_quotation_that_somebody_saves_meanwhile_gets_the_line_once",
    ),
    Mutation(
        "a merged customer is only deleted",
        f"{ERPNEXT}/gone.py",
        "if heirs.get(old) in living",
        "if False",
        f"{SUITE}::test_a_merged_customer_lives_on",
    ),
    Mutation(
        "what an order's invoice bills is bought twice",
        f"{ERPNEXT}/sales.py",
        'if not (sold and line["sales_order"]) or row.get("is_return")',
        "if line",
        f"{TESTS}::TestSales::test_what_was_ordered_is_not_bought_again_when_it_is_invoiced",
    ),
)
