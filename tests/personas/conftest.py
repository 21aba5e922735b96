"""No deadlines for generated examples: the machine's load decides nothing here."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
