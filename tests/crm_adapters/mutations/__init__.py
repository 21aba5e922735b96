"""Adapters broken on purpose, one rule at a time, to see whether the suite notices."""
