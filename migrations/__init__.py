"""The database's history, one step per file; shipped in the wheel and run by `assist db upgrade`."""
