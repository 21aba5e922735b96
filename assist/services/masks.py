"""Keys shown so that one can ask the customer about them, not copy them."""


def mask(key: str) -> str:
    """`a…z@example.com`, `+34 … 678`; anything else by its last three characters."""
    name, at, domain = key.partition("@")
    if at:
        return f"{name[:1]}…{name[-1:] if len(name) > 1 else ''}@{domain}"
    if key.startswith("+"):
        return f"{key[:3]} … {key[-3:]}"
    return f"…{key[-3:]}"
