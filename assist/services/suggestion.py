"""One suggestion as an agent sees it, made once when decided and kept with the decision."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

from assist.models.decision import Outcome
from assist.services.candidates import Explained
from assist.services.views import (
    BecauseView,
    EvidenceView,
    MovedView,
    OutcomeView,
    Price,
    SuggestionView,
    WorthView,
)
from personas import talk_tracks
from personas.arbitration import Worth
from personas.rules import Boost, Rule
from personas.talk_tracks import TalkTracks
from recommender.base import Evidence

SHOWN_CAUSES = 4
_NESTED = {"price", "difference", "evidence", "because", "outcome", "messages", "moved", "worth"}
_PLAIN = tuple(field.name for field in fields(SuggestionView) if field.name not in _NESTED)


@dataclass(frozen=True, slots=True)
class Voice:
    """How to speak to this customer."""

    tracks: TalkTracks
    language: str
    register: str
    given_name: str | None


def make_view(
    explained: Explained,
    *,
    position: int,
    voice: Voice,
    messages: tuple[str, ...] = (),
    moved: tuple[MovedView, ...] = (),
    worth: WorthView | None = None,
) -> SuggestionView:
    offering, one, names = explained.offering, explained.recommendation, explained.names
    causes = [because for because in one.because if because.product_id in names][:SHOWN_CAUSES]
    return SuggestionView(
        id=uuid4().hex,
        position=position,
        kind=one.kind.value,
        sku=offering.product.sku,
        name=offering.product.name,
        price=_price(offering.price, offering.currency),
        difference=_price(_step(explained), offering.currency),
        anchor=explained.anchor.name if explained.anchor else None,
        popular=one.popular,
        evidence=_evidence(one.evidence, names),
        because=tuple(BecauseView(names[cause.product_id], cause.share) for cause in causes),
        talk_track=_say(explained, voice),
        language=voice.language,
        stock=offering.product.stock,
        linked=explained.anchor is not None and one.linked == explained.anchor.sku,
        messages=messages,
        moved=moved,
        worth=worth,
    )


def view_moves(rules: Sequence[Rule], language: str) -> tuple[MovedView, ...]:
    return tuple(_view_move(rule, language) for rule in rules)


def _view_move(rule: Rule, language: str) -> MovedView:
    boost = rule.effect if isinstance(rule.effect, Boost) else None
    factor = f"{boost.factor.normalize():f}" if boost else None
    return MovedView(rule.key, "boost" if boost else str(rule.effect), factor, rule.reason.into(language))


def view_worth(worth: Worth) -> WorthView:
    return WorthView(
        probability=worth.probability,
        value=worth.value,
        context=worth.context,
        lever=worth.lever,
        attention=worth.attention,
        expected=worth.expected,
        assumed=tuple(sorted(worth.assumed)),
    )


def to_document(view: SuggestionView) -> dict[str, Any]:
    """JSON-able, read back by `read_view`."""
    document = {name: getattr(view, name) for name in _PLAIN}
    return document | {
        "price": _document(view.price),
        "difference": _document(view.difference),
        "evidence": _flat(view.evidence) if view.evidence else None,
        "because": [{"name": cause.name, "share": cause.share} for cause in view.because],
        "outcome": None,
        "messages": list(view.messages),
        "moved": [_flat(move) for move in view.moved],
        "worth": _flat(view.worth) if view.worth else None,
    }


def _flat(view: EvidenceView | MovedView | WorthView) -> dict[str, Any]:
    """What `asdict` makes, which looks for dataclasses inside in vain."""
    return {field.name: getattr(view, field.name) for field in fields(view)}


def _document(price: Price | None) -> dict[str, str] | None:
    return {"amount": str(price.amount), "currency": price.currency} if price else None


def read_view(document: Mapping[str, Any], outcomes: Sequence[Outcome]) -> SuggestionView:
    """`outcomes` standing, oldest first: the last one is what is shown."""
    evidence = document["evidence"]
    parts = {
        "price": _read_price(document["price"]),
        "difference": _read_price(document["difference"]),
        "evidence": EvidenceView(**evidence) if evidence else None,
        "because": tuple(BecauseView(**cause) for cause in document["because"]),
        "outcome": view_outcome(outcomes[-1]) if outcomes else None,
        "messages": tuple(document.get("messages", ())),
        "moved": tuple(MovedView(**move) for move in document.get("moved", ())),
        "worth": _read_worth(document.get("worth")),
    }
    return SuggestionView(**{**document, **parts})


def reprice(document: Mapping[str, Any], amount: Decimal, *, percent: Decimal) -> dict[str, Any]:
    """The document after a concession: the sentence names the new price where it named the old one.
    Raises ValueError without a price."""
    view = read_view(document, [])
    if view.price is None:
        raise ValueError("a suggestion without a price has none to lower")
    saved = view.price.amount - amount
    after = Price(amount, view.price.currency)
    step = replace(view.difference, amount=view.difference.amount - saved) if view.difference else None
    spoken = {
        _write(old, view.language): _write(new, view.language) for old, new in _pairs(view, after, step)
    }
    found = re.compile("|".join(map(re.escape, sorted(spoken, key=len, reverse=True))))
    sentence = found.sub(lambda price: spoken[price[0]], view.talk_track)
    given = f"{percent.normalize():f}"
    return to_document(replace(view, price=after, difference=step, talk_track=sentence, given=given))


def _pairs(view: SuggestionView, after: Price, step: Price | None) -> Iterator[tuple[Price, Price]]:
    if view.difference and step:
        yield view.difference, step
    if view.price:
        yield view.price, after


def _write(price: Price, language: str) -> str:
    """As a sentence has it: with plain spaces."""
    text = talk_tracks.format_price(talk_tracks.Price(price.amount, price.currency), language)
    return " ".join(text.split())


def view_outcome(outcome: Outcome) -> OutcomeView:
    return OutcomeView(outcome.id, outcome.act, outcome.reason, outcome.undo_until)


def _say(explained: Explained, voice: Voice) -> str:
    offering, anchor = explained.offering, explained.anchor
    values = talk_tracks.Values(
        product=offering.product.name,
        anchor=anchor.name if anchor else None,
        price=_spoken(offering.price, offering.currency),
        difference=_spoken(_step(explained), offering.currency),
        given_name=voice.given_name,
    )
    return voice.tracks.render(offering.kind, values, language=voice.language, register=voice.register)


def _step(explained: Explained) -> Decimal | None:
    """How much dearer than its anchor an upsell is; None where either price is unknown."""
    offering, anchor = explained.offering, explained.anchor
    if offering.kind != "upsell" or anchor is None or offering.price is None:
        return None
    before = anchor.price_in(offering.currency)
    return None if before is None else offering.price - before


def _evidence(found: Sequence[Evidence], names: Mapping[str, str]) -> EvidenceView | None:
    """The count with the surest share: the one a person would quote."""
    told = [count for count in found if count.anchor in names]
    if not told:
        return None
    best = max(told, key=lambda count: count.low)
    return EvidenceView(
        anchor=names[best.anchor],
        buyers=best.buyers,
        also=best.also,
        days=best.days,
        shop_wide=best.shop_wide,
        low=best.low,
        high=best.high,
    )


def _price(amount: Decimal | None, currency: str | None) -> Price | None:
    return Price(amount, currency) if amount is not None and currency else None


def _spoken(amount: Decimal | None, currency: str | None) -> talk_tracks.Price | None:
    return talk_tracks.Price(amount, currency) if amount is not None and currency else None


def _read_worth(document: Mapping[str, Any] | None) -> WorthView | None:
    return WorthView(**{**document, "assumed": tuple(document["assumed"])}) if document else None


def _read_price(document: Mapping[str, str] | None) -> Price | None:
    return Price(Decimal(document["amount"]), document["currency"]) if document else None
