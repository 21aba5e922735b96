"""The menu of decline reasons, as the shop's policies name them and in the agent's language."""

from dataclasses import dataclass

from crm_adapters.model import Act
from personas.policies import DeclineReason, EffectKind, Policies

STOPPING = frozenset({EffectKind.CLOSE_GATE, EffectKind.OBJECTION})


@dataclass(frozen=True, slots=True)
class MenuItem:
    key: str
    label: str
    act: str
    said_by: str
    choices: tuple[int, ...]
    """Days for the agent to choose from."""
    stops: bool
    """Nothing more is offered after it, so the whole list changes."""


def list_menu(policies: Policies, language: str) -> tuple[MenuItem, ...]:
    return tuple(_item(reason, language) for reason in policies.decline_reasons)


def _item(reason: DeclineReason, language: str) -> MenuItem:
    kinds = {effect.kind for effect in reason.effects}
    return MenuItem(
        key=reason.key,
        label=reason.name.into(language),
        act=Act.WRONG_DATA if EffectKind.DATA_NOTE in kinds else Act.DECLINED,
        said_by=reason.said_by,
        choices=tuple(days for effect in reason.effects for days in effect.choices),
        stops=bool(kinds & STOPPING),
    )
