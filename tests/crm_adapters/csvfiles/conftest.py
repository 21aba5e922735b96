from pathlib import Path

import pytest

from tests.crm_adapters.csvfiles.shop import Shop, open_shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return open_shop(tmp_path)
