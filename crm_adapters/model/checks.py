"""What a connection's test finds, and the fields a CRM has."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldOption:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FieldInfo:
    name: str
    """The CRM's own."""
    label: str
    type: str
    """`text`, `number`, `boolean`, `datetime`, `choice` or `other`."""
    writable: bool = False
    personal: bool = False
    """Says who somebody is, or how to reach them."""
    options: tuple[FieldOption, ...] = ()
    """Of a choice."""
    mapped: str = ""
    """Our name where we read it: `family_name`, or `crm.store` for an entry of `custom`. Empty: not read."""
    fill_rate: float | None = None
    """Share of the sampled records that hold a value; None where none were sampled."""
    example: str = ""
    """A value of the sample, in the clear: to be masked for whoever must not see it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a connection check."""

    name: str
    ok: bool
    message: str
    """What was found, and where it is not ok, what to do about it."""
    warning: bool = False
    """It works, and somebody should look all the same: a permission too many, a quota nearly used up."""
    missing: tuple[str, ...] = ()
    """Scopes or permissions to grant, in the vendor's words."""
    excess: tuple[str, ...] = ()
    """Granted and not needed: to be taken away."""
    granted_by: str = ""
    """Who grants them, and where."""


@dataclass(frozen=True, slots=True)
class Health:
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)
