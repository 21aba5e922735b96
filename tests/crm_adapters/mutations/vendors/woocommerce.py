"""WooCommerce."""

from tests.crm_adapters.mutations.engine import Mutation

WOOCOMMERCE = "crm_adapters/vendors/woocommerce"
TESTS = "tests/crm_adapters/vendors/test_woocommerce.py"
SUITE = f"{TESTS}::TestWooCommerce"
MUTATIONS = (
    Mutation(
        "whoever the search finds has the address",
        f"{WOOCOMMERCE}/people.py",
        'for row in rows if str(row.get("email")).strip().lower() == email]',
        "for row in rows]",
        f"{SUITE}::test_wildcards_are_only_letters",
    ),
    Mutation(
        "the orders of another guest are theirs",
        f"{WOOCOMMERCE}/people.py",
        'return not order.get("customer_id") and records.read_email(order) == email',
        'return not order.get("customer_id")',
        f"{TESTS}::TestFinding::test_a_guest_is_not_another_whose_address_holds_theirs",
    ),
    Mutation(
        "the customer is sent what agents note",
        f"{WOOCOMMERCE}/writing.py",
        '"customer_note": False}',
        '"customer_note": True}',
        f"{TESTS}::TestNotes::test_a_note_shows_signs_as_signs_and_is_not_sent_to_the_customer",
    ),
    Mutation(
        "a refunded order counts as bought",
        f"{WOOCOMMERCE}/records.py",
        '    "refunded": OrderStatus.REFUNDED,',
        '    "refunded": OrderStatus.WON,',
        f"{TESTS}::TestOrders::test_a_status_means",
    ),
    Mutation(
        "an order that was paid takes lines",
        f"{WOOCOMMERCE}/writing.py",
        '        if order["status"] not in OPEN:',
        '        if not order["status"]:',
        f"{SUITE}::test_a_line_needs_a_product_and_an_open_deal",
    ),
)
