"""What was picked, to be weighed before it is explained: a decision looks at many products and shows few."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommender.base import Offer, Proposal, Recommendation, Support, Task
from recommender.explanation import Causes, Told, find_links, share_out, trace
from recommender.fitted import Asked
from recommender.interactions import Ints
from recommender.offers import Pick
from recommender.parts import Parts


@dataclass(frozen=True)
class Shortlist:
    parts: Parts
    asked: Asked
    picks: Sequence[Pick]

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """In the order of the picks."""
        made = {
            pick: _propose(pick, self.parts.products[pick.code], support, known=known, link=link)
            for group in self._groups
            for pick, support, known, link in zip(
                group.picks, group.told.supports(), group.causes.known, group.links, strict=True
            )
        }
        return tuple(made[pick] for pick in self.picks)

    def explain(self, places: Iterable[int] | None = None) -> list[Recommendation]:
        """Those at these places, or all, with their reasons."""
        chosen = [self.picks[place] for place in places] if places is not None else list(self.picks)
        told = [
            self._explain(group, [pick for pick in group.picks if pick in chosen]) for group in self._groups
        ]
        found = {one.product_id: one for some in told for one in some}
        return [found[self.parts.products[pick.code]] for pick in chosen]

    @cached_property
    def _groups(self) -> list["_Group"]:
        tasks = dict.fromkeys(pick.task for pick in self.picks)
        return [self._group([pick for pick in self.picks if pick.task == task]) for task in tasks]

    def _group(self, picks: Sequence[Pick]) -> "_Group":
        codes = np.array([pick.code for pick in picks], np.int64)
        counts = self.parts.ladder.moves if picks[0].task == Task.UPSELL else self.parts.goes_with
        causes = self._causes(picks, codes)
        return _Group(picks, causes, Told.of(counts, causes, codes), self._find_links(picks, codes))

    def _find_links(self, picks: Sequence[Pick], codes: Ints) -> list[int]:
        if picks[0].task != Task.UPSELL:
            return find_links(self.asked, codes, self.parts.ladder.family)
        anchors = np.array([pick.anchor for pick in picks])
        return list(np.where(self.parts.ladder.leads(anchors, codes), anchors, -1).tolist())

    def _causes(self, picks: Sequence[Pick], codes: Ints) -> Causes:
        """Of a step up, where it starts; else what the sources say, by other families where there are any."""
        if picks[0].task == Task.UPSELL:
            return Causes.of(np.array([[pick.anchor] for pick in picks]), np.ones((len(picks), 1)))
        return trace(self.asked, codes, self.parts.voices(picks[0].task), family=self.parts.ladder.family)

    def _explain(self, group: "_Group", chosen: Sequence[Pick]) -> list[Recommendation]:
        if not chosen:
            return []
        products, task = self.parts.products, chosen[0].task
        codes = np.array([pick.code for pick in chosen], np.int64)
        sources = share_out(self.asked, codes, self.parts.weights[task], self.parts.static[task])
        return [
            group.tell(group.picks.index(pick), products, added)
            for pick, added in zip(chosen, sources, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _Group:
    """The picks of one task, with what speaks for each."""

    picks: Sequence[Pick]
    causes: Causes
    told: Told
    links: Sequence[int]
    """Per pick, the purchase whose link leads to it; -1 for none."""

    def tell(self, row: int, products: tuple[str, ...], sources: dict[str, float]) -> Recommendation:
        """The surest count says what a product goes with; else a link does, else what weighs most."""
        pick, link = self.picks[row], self.links[row]
        product, linked = products[pick.code], products[link] if link >= 0 else None
        because, evidence = self.causes.because(row, products), self.told.evidence(row, products)
        anchor = evidence[0].anchor if evidence else linked or self.causes.anchor(row, products)
        if pick.kind is Offer.REPLENISH:
            anchor, evidence, linked = product, (), None
        return Recommendation(
            product_id=product,
            score=pick.score,
            kind=pick.kind,
            likelihood=pick.likelihood,
            anchor=anchor,
            because=because,
            evidence=evidence,
            sources=sources,
            popular=not because and linked is None,
            linked=linked,
        )


def _propose(pick: Pick, product: str, support: Support | None, *, known: bool, link: int) -> Proposal:
    # What else its buyers bought says nothing about buying it again.
    again = pick.kind is Offer.REPLENISH
    counted, linked = None if again else support, link >= 0 and not again
    popular = not known and not linked
    return Proposal(product, pick.score, pick.kind, pick.likelihood, counted, popular=popular, linked=linked)
