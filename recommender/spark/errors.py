"""What can go wrong here beside what can go wrong on one machine."""

from recommender.errors import RecommenderError


class EngineError(RecommenderError):
    """Spark or Java is missing, or does not start; the message says what to install or set."""
