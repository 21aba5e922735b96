"""The suites' assertions tell what was compared, as a test module's own do."""

import pytest

pytest.register_assert_rewrite("crm_adapters.testing", "recommender.testing", "tests.real.contract")
