"""What can go wrong here, by what the caller can do.

RecommenderError
├── PurchasesError     the purchases or products file cannot be read: mend it where the message says
├── TooLittleDataError    nothing to learn from: keep serving the last good model
└── ArtifactError    the model on disk is incomplete, altered or of another format: use another version

Messages name files, lines and columns, never a customer.
"""


class RecommenderError(Exception):
    """Root of the tree."""


class PurchasesError(RecommenderError):
    pass


class TooLittleDataError(RecommenderError):
    pass


class ArtifactError(RecommenderError):
    pass
