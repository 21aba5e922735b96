"""The recommender beside plain implicit, LensKit and Cornac: what is fitted, answered and found, in one run.

python -m benchmarks.recommender --help
"""

import sys
from pathlib import Path

if __name__ == "recommender":
    raise ImportError("run benchmarks as modules from the project's folder: python -m benchmarks.NAME")

if __name__ == "__main__":
    # Run by its path, this folder comes first on the path, and this file would stand for the package it measures.
    sys.path[0] = str(Path(__file__).parents[1])
    from benchmarks.rivalry import main

    main()
