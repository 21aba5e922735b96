"""The suites' assertions tell what was compared, as a test module's own do; what takes longest begins first."""

import pytest

pytest.register_assert_rewrite("crm_adapters.testing", "recommender.testing", "tests.real.contract")

LONGEST = ("tests/browser/", "tests/real/", "tests/assist/test_kills", "tests/crm_adapters/vendors/")
"""Begun last, one of these would keep one process busy while the others have nothing left."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
