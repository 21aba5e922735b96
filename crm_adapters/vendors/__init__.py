"""The CRMs: one module each, found by its name."""
