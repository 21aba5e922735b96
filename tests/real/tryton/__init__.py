"""A real Tryton on this machine, from PyPI, in a virtual environment of its own that `make test` sets up."""
