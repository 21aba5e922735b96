"""What came of earlier offers to a person, as it counts for the next: a decline as much as its reason says."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from assist.store.decisions import ActRow
from crm_adapters.model import Act
from personas.candidates import Tally
from personas.policies import Policies

UNSAID = "no_reason"
"""What a decline without a reason counts as."""
NOTHING = Tally()


def speaks_against(one: ActRow, policies: Policies) -> float:
    """From 0 to 1. A reason that policies no longer know counts as none given."""
    if one.act != Act.DECLINED:
        return 0.0
    weights = {reason.key: float(reason.negative) for reason in policies.decline_reasons}
    return weights.get(one.reason or UNSAID, weights.get(UNSAID, 0.0))


def tally(acts: Sequence[ActRow], policies: Policies) -> Mapping[str, Tally]:
    """By SKU. What is unanswered says nothing."""
    yes: defaultdict[str, float] = defaultdict(float)
    no: defaultdict[str, float] = defaultdict(float)
    for one in acts:
        yes[one.sku] += one.act == Act.ACCEPTED
        no[one.sku] += speaks_against(one, policies)
    return {sku: Tally(yes[sku], yes[sku] + no[sku]) for sku in yes if yes[sku] or no[sku]}
