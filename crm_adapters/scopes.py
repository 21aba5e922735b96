"""What a connection may do at its CRM, compared with what it needs."""

from collections.abc import Collection

from crm_adapters.model import Finding


def compare_scopes(
    granted: Collection[str],
    needed: Collection[str],
    *,
    granted_by: str,
    known: Collection[str] | None = None,
) -> tuple[Finding, ...]:
    """One finding on what is missing, one on what is too much. `granted_by`: who can change it, and where.
    `known`: only these are judged for excess, where a CRM also tells of what cannot be taken away."""
    missing = tuple(sorted(set(needed) - set(granted)))
    judged = set(granted) if known is None else set(granted) & set(known)
    excess = tuple(sorted(judged - set(needed)))
    told_missing = (
        f"Missing: {', '.join(missing)}. Ask {granted_by}." if missing else "All that is needed is granted."
    )
    told_excess = (
        f"Not needed: {', '.join(excess)}. Have them taken away by {granted_by}."
        if excess
        else "Nothing is granted beyond need."
    )
    return (
        Finding("scopes", not missing, told_missing, missing=missing, granted_by=granted_by),
        Finding(
            "excess scopes",
            ok=True,
            message=told_excess,
            warning=bool(excess),
            excess=excess,
            granted_by=granted_by,
        ),
    )
