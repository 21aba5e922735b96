"""What marks a record at a CRM as the effect of one of our writes, so that it is found again and not repeated.

Keys may hold anything, and differ in nothing but case; a search may cut words, fold case and take signs for
wildcards. These marks are what every search leaves alone.
"""

from hashlib import sha256
from uuid import UUID, uuid5

NAMESPACE = UUID("6f1f3c1e-5d0b-4b60-9f6e-2f3f0f6d7a51")


def make_mark(key: str) -> str:
    """Thirty characters, small letters and digits, beginning with letters; the same for the same key."""
    return f"sa{sha256(key.encode()).hexdigest()[:28]}"


def make_guid(key: str) -> str:
    """For a CRM that lets us choose a record's id."""
    return str(uuid5(NAMESPACE, key))
