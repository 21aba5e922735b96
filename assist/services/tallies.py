"""What came of earlier offers to a person, as it counts for the next: a decline as much as its reason says."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from assist.store.decisions import ActRow
from crm_adapters.model import Act
from personas.candidates import Candidate, Tally
from personas.policies import Policies

UNSAID = "no_reason"
"""What a decline without a reason counts as."""


def speaks_against(one: ActRow, policies: Policies) -> float:
    """From 0 to 1. A reason that policies no longer know counts as none given."""
    if one.act != Act.DECLINED:
        return 0.0
    weights = {reason.key: float(reason.negative) for reason in policies.decline_reasons}
    return weights.get(one.reason or UNSAID, weights.get(UNSAID, 0.0))


def add_own(candidates: Sequence[Candidate], acts: Sequence[ActRow], policies: Policies) -> list[Candidate]:
    """With what the person themself said to each, at once: the counts over everybody follow in the background."""
    own = tally(acts, policies)
    return [_add(each, own[each.product]) if each.product in own else each for each in candidates]


def _add(candidate: Candidate, own: Tally) -> Candidate:
    offer = candidate.offer
    return candidate._replace(offer=Tally(offer.yes + own.yes, offer.offered + own.offered))


def tally(acts: Sequence[ActRow], policies: Policies) -> Mapping[str, Tally]:
    """By SKU. What is unanswered says nothing."""
    yes: defaultdict[str, float] = defaultdict(float)
    no: defaultdict[str, float] = defaultdict(float)
    for one in acts:
        yes[one.sku] += one.act == Act.ACCEPTED
        no[one.sku] += speaks_against(one, policies)
    return {sku: Tally(yes[sku], yes[sku] + no[sku]) for sku in yes if yes[sku] or no[sku]}
