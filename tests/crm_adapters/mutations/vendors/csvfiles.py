"""Files of any shop."""

from tests.crm_adapters.mutations.engine import Mutation

CSVFILES = "crm_adapters/vendors/csvfiles"
TESTS = "tests/crm_adapters/csvfiles"
SUITE = f"{TESTS}/test_adapter.py::TestContract"
MUTATIONS = (
    Mutation(
        "signs in a key stand for any other",
        f"{CSVFILES}/statements.py",
        "WHERE kind = ? AND value = ? ORDER BY customers.id LIMIT ?",
        "WHERE kind = ? AND value LIKE ? ORDER BY customers.id LIMIT ?",
        f"{SUITE}::test_wildcards_are_only_letters",
    ),
    Mutation(
        "pages of two exports are taken for one",
        f"{CSVFILES}/position.py",
        "else Position(files, again=True)",
        "else Position(files)",
        f"{TESTS}/test_adapter.py::TestChangedFiles::test_a_change_during_a_run_is_caught_up_by_the_next",
    ),
    Mutation(
        "a key that begins like a formula is written twice",
        f"{CSVFILES}/outcomes.py",
        "            created = not seen.holds(disarm(key))",
        "            created = not seen.holds(key)",
        f"{TESTS}/test_outcomes.py::test_any_other_key_is_kept",
    ),
    Mutation(
        "a spreadsheet runs what a customer wrote",
        f"{CSVFILES}/outcomes.py",
        "writer.writerow(disarm(cell) for cell in cells)",
        "writer.writerow(cells)",
        f"{TESTS}/test_outcomes.py::test_what_is_written_is_no_formula",
    ),
)
