"""Odoo."""

from tests.crm_adapters.mutations.engine import Mutation

ODOO = "crm_adapters/vendors/odoo"
TESTS = "tests/crm_adapters/vendors/test_odoo.py"
SUITE = f"{TESTS}::TestOdoo"
MUTATIONS = (
    Mutation(
        "whoever's address holds the one asked for is found",
        f"{ODOO}/search.py",
        "lambda one: email in {found.value for found in one.emails})",
        "lambda one: bool(email))",
        f"{SUITE}::test_part_of_a_key_finds_nobody",
    ),
    Mutation(
        "nobody looks whether a note was written before",
        f"{ODOO}/writing.py",
        "        found = self.find_note(key, partner)\n        if found:",
        "        found = None\n        if found:",
        f"{SUITE}::test_an_outcome_is_written_once",
    ),
    Mutation(
        "a note is mailed to whoever follows the partner",
        f"{ODOO}/writing.py",
        '"subtype_xmlid": "mail.mt_note"',
        '"subtype_xmlid": "mail.mt_comment"',
        f"{TESTS}::TestWriting::test_a_note_is_mailed_to_nobody",
    ),
    Mutation(
        "a confirmed quotation takes lines",
        f"{ODOO}/writing.py",
        '        if row["state"] not in QUOTED or row.get("locked"):',
        '        if row.get("locked"):',
        f"{SUITE}::test_a_line_needs_a_product_and_an_open_deal",
    ),
    Mutation(
        "cancelled orders count as won",
        f"{ODOO}/sales.py",
        '    "cancel": OrderStatus.CANCELLED,',
        '    "cancel": OrderStatus.WON,',
        f"{SUITE}::test_everything_listed_is_as_the_crm_holds_it",
    ),
)
