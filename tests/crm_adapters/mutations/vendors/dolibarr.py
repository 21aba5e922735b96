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
        SUITE,
    ),
    Mutation(
        "whoever the filter finds has the address",
        f"{DOLIBARR}/people.py",
        "return [one for one in found if email in {known.value for known in one.emails}]",
        "return found",
        SUITE,
    ),
    Mutation(
        "the same page again is taken for the next",
        f"{DOLIBARR}/api.py",
        " or (ids and ids[0] <= after)",
        "",
        SUITE,
    ),
    Mutation(
        "every amount is in the company's currency",
        f"{DOLIBARR}/sales.py",
        "rate is not None and rate not in {Decimal(0), Decimal(1)}",
        "False",
        SUITE,
    ),
    Mutation(
        "a proposal that is no draft takes lines",
        f"{DOLIBARR}/writing.py",
        "        if sales.status_of(proposal) != DRAFT:",
        "        if False:",
        f"{SUITE}::test_a_line_needs_a_product_and_an_open_deal",
    ),
)
