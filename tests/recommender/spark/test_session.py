from pathlib import Path

import pytest

from recommender.spark.errors import EngineError
from recommender.spark.session import find_missing, open_session


def test_without_java_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    missing = find_missing()
    assert missing is not None
    assert "install" in missing
    with pytest.raises(EngineError, match="install"), open_session():
        pass
