"""Dolibarr."""

from tests.crm_adapters.mutations.engine import Mutation

DOLIBARR = "crm_adapters/vendors/dolibarr"
TESTS = "tests/crm_adapters/vendors/test_dolibarr.py"
SUITE = f"{TESTS}::TestDolibarr"
MUTATIONS = (
    Mutation(
        "signs that Dolibarr reads are sent as they are",
        f"{DOLIBARR}/filters.py",
        '    return re.sub(ORDINARY, "_", text)',
        "    return text",
        f"{SUITE}::test_signs_in_an_address_are_only_signs",
    ),
    Mutation(
        "whoever the filter finds has the address",
        f"{DOLIBARR}/people.py",
        "return [one for one in found if email in {known.value for known in one.emails}]",
        "return found",
        f"{SUITE}::test_wildcards_are_only_letters",
    ),
    Mutation(
        "the same page again is taken for the next",
        f"{DOLIBARR}/api.py",
        " or (ids and ids[0] <= after)",
        "",
        f"{SUITE}::test_a_read_is_right_or_refused[REPEATED]",
    ),
    Mutation(
        "every amount is in the company's currency",
        f"{DOLIBARR}/sales.py",
        "rate is not None and rate not in {Decimal(0), Decimal(1)}",
        "False",
        f"{SUITE}::test_everything_listed_is_as_the_crm_holds_it",
    ),
    Mutation(
        "a proposal that is no draft takes lines",
        f"{DOLIBARR}/writing.py",
        "        if sales.status_of(proposal) != DRAFT:",
        "        if False:",
        f"{SUITE}::test_a_line_needs_a_product_and_an_open_deal",
    ),
)
