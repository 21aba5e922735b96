import os
from importlib.util import find_spec

from recommender.spark.session import find_missing


def reason_to_skip() -> str | None:
    """What is missing. Where the extra is installed, CI=true makes that a failure."""
    missing = find_missing()
    demanded = find_spec("pyspark") is not None and os.environ.get("CI") == "true"
    return None if demanded else missing
